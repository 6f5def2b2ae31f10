using MassTransit;
using MassTransit.RabbitMqTransport;

namespace TasksBus.Transport;

/// <summary>Asks the broker for one thing after the other while an endpoint declares what it needs, on a channel that does nothing else yet.</summary>
/// <remarks>
/// MassTransit (8.5) declares all exchanges of an endpoint at once. If the connection breaks then, RabbitMQ.Client (up to 7.2.2) disposes the semaphore on which the
/// second of them waits, that declaration never ends, and neither does the endpoint ever read its queue again: see issue 1976 of rabbitmq-dotnet-client.
/// </remarks>
internal sealed class OneCallAtATime : IFilter<ChannelContext>
{
    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        using var channel = new Channel(context);
        await next.Send(channel).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("oneCallAtATime");

    private sealed class Channel(ChannelContext channel) : ScopeChannelContext(channel, CancellationToken.None), ChannelContext
    {
        private readonly SemaphoreSlim _one = new(initialCount: 1);

        Task ChannelContext.ExchangeDeclare(
            string exchange, string type, bool durable, bool autoDelete, IDictionary<string, object?> arguments, CancellationToken cancellationToken) =>
            Alone(() => ExchangeDeclare(exchange, type, durable, autoDelete, arguments, cancellationToken), cancellationToken);

        Task ChannelContext.ExchangeBind(string destination, string source, string routingKey, IDictionary<string, object?> arguments, CancellationToken cancellationToken) =>
            Alone(() => ExchangeBind(destination, source, routingKey, arguments, cancellationToken), cancellationToken);

        Task ChannelContext.QueueBind(string queue, string exchange, string routingKey, IDictionary<string, object?> arguments, CancellationToken cancellationToken) =>
            Alone(() => QueueBind(queue, exchange, routingKey, arguments, cancellationToken), cancellationToken);

        private async Task Alone(Func<Task> call, CancellationToken cancellationToken)
        {
            await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await call().ConfigureAwait(false);
            }
            finally
            {
                _one.Release();
            }
        }
    }
}
