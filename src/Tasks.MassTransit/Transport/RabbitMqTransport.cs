using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;

namespace TasksBus.Transport;

/// <summary>RabbitMQ, over the connection of the bus.</summary>
internal sealed class RabbitMqTransport(IRabbitMqHostConfiguration host) : IQueueTransport
{
    /// <summary>Priorities 0 to 9.</summary>
    private const byte MaxPriority = 9;

    public string Address => host.Settings.HostAddress.GetLeftPart(UriPartial.Path);

    public bool IsShared => true;

    public Task Declare(string brokerQueue, CancellationToken cancellationToken) =>
        host.ConnectionContextSupervisor.Send(
            Pipe.ExecuteAsync<ConnectionContext>(async connection =>
            {
                var channel = await connection.CreateChannel(concurrentMessageLimit: null, cancellationToken).ConfigureAwait(false);
                await using (channel.ConfigureAwait(false))
                {
                    await channel.ExchangeDeclareAsync(brokerQueue, "fanout", durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
                    await channel.QueueDeclareAsync(
                        brokerQueue, durable: true, exclusive: false, autoDelete: false,
                        new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-max-priority"] = MaxPriority },
                        cancellationToken: cancellationToken).ConfigureAwait(false);
                    await channel.QueueBindAsync(brokerQueue, brokerQueue, routingKey: "", cancellationToken: cancellationToken).ConfigureAwait(false);
                }
            }),
            cancellationToken);

    public void ConfigureQueue(IReceiveEndpointConfigurator endpoint, int concurrency)
    {
        // What is taken ahead is out of reach for other workers and for later, higher priorities: take no more than can run.
        var queue = (IRabbitMqReceiveEndpointConfigurator)endpoint;
        queue.PrefetchCount = concurrency;
        queue.ConcurrentMessageLimit = concurrency;
        queue.EnablePriority(MaxPriority);
    }

    public void Bind<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        ((IRabbitMqReceiveEndpointConfigurator)endpoint).Bind<T>();

    /// <summary>Makes what this process publishes as a <typeparamref name="T"/> wait in a queue, even if no worker has ever bound it.</summary>
    public static void BindPublished<T>(IRabbitMqPublishTopologyConfigurator topology, string brokerQueue)
        where T : class
    {
        var message = topology.GetMessageTopology<T>();
        message.BindQueue(message.Exchange.ExchangeName, brokerQueue, queue => queue.SetQueueArgument("x-max-priority", MaxPriority));
    }

    public void RequireQueue(SendContext context)
    {
        if (context.TryGetPayload(out RabbitMqSendContext? send))
            send.Mandatory = true;
    }
}
