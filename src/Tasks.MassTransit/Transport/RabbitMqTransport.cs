using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;

using RabbitMQ.Client.Exceptions;

namespace TasksBus.Transport;

/// <summary>RabbitMQ, over the connection of the bus.</summary>
internal sealed class RabbitMqTransport(IRabbitMqHostConfiguration host, TaskQueueOptions options) : IQueueTransport
{
    /// <summary>Priorities 0 to 9.</summary>
    private const byte MaxPriority = 9;

    /// <summary>RabbitMQ 4 throws a message away that was given back 20 times, unless it is told otherwise; a run may be given back by any number of deployments.</summary>
    private const int DeliveryLimit = 1_000_000;

    public string Address => host.Settings.HostAddress.GetLeftPart(UriPartial.Path);

    public bool IsShared => true;

    public async Task<CancellationToken> Declare(string brokerQueue, CancellationToken cancellationToken)
    {
        var lost = new CancellationTokenSource();
        try
        {
            await host.ConnectionContextSupervisor.Send(
                Pipe.ExecuteAsync<ConnectionContext>(connection =>
                {
                    connection.Connection.ConnectionShutdownAsync += (_, _) => lost.CancelAsync();
                    return Declare(connection, brokerQueue, cancellationToken);
                }),
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException exception) when (IsLoss(exception) || lost.IsCancellationRequested)
        {
            throw new RabbitMqConnectionException($"The connection to {Address} was lost.", exception);
        }

        return lost.Token;
    }

    /// <remarks>By declaring it: one that somebody has deleted is there again, and empty.</remarks>
    public async Task<bool> IsEmpty(string brokerQueue, CancellationToken cancellationToken)
    {
        var waiting = 0U;
        await host.ConnectionContextSupervisor.Send(
            Pipe.ExecuteAsync<ConnectionContext>(async connection => waiting = await Declare(connection, brokerQueue, cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        return waiting == 0;
    }

    /// <remarks>0: the connection has ended. 320: the broker ends it. 491: it had ended before, as the client (7.2) and MassTransit (8.5) call it.</remarks>
    public bool IsLoss(Exception exception) => exception is AlreadyClosedException or OperationInterruptedException { ShutdownReason.ReplyCode: 0 or 320 or 491 };

    public void SurviveLoss(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseFilter(new LeaveWithDelivery());
        ((IRabbitMqReceiveEndpointConfigurator)endpoint).ConfigureChannel(channel => channel.UseFilter(new OneCallAtATime()));
    }

    public void ConfigureQueue(IReceiveEndpointConfigurator endpoint, int concurrency, int prefetch)
    {
        // What is taken ahead is out of reach for other workers and for later, higher priorities: unless somebody wants it so, it is no more than can run.
        var queue = (IRabbitMqReceiveEndpointConfigurator)endpoint;
        queue.PrefetchCount = prefetch;
        queue.ConcurrentMessageLimit = concurrency;
        foreach (var (name, value) in ArgumentsOf(options.QuorumQueues))
            queue.SetQueueArgument(name, value);
    }

    public void Bind<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        ((IRabbitMqReceiveEndpointConfigurator)endpoint).Bind<T>();

    /// <summary>Makes what this process publishes as a <typeparamref name="T"/> wait in a queue, even if no worker has ever bound it.</summary>
    public static void BindPublished<T>(IRabbitMqPublishTopologyConfigurator topology, string brokerQueue, bool isQuorum)
        where T : class
    {
        var message = topology.GetMessageTopology<T>();
        message.BindQueue(message.Exchange.ExchangeName, brokerQueue, queue =>
        {
            foreach (var (name, value) in ArgumentsOf(isQuorum))
                queue.SetQueueArgument(name, value);
        });
    }

    public void RequireQueue(SendContext context)
    {
        if (context.TryGetPayload(out RabbitMqSendContext? send))
            send.Mandatory = true;
    }

    /// <returns>How many messages wait in the queue.</returns>
    private async Task<uint> Declare(ConnectionContext connection, string brokerQueue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannel(concurrentMessageLimit: null, cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            await channel.ExchangeDeclareAsync(brokerQueue, "fanout", durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
            var queue = await channel.QueueDeclareAsync(
                brokerQueue, durable: true, exclusive: false, autoDelete: false,
                ArgumentsOf(options.QuorumQueues),
                cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.QueueBindAsync(brokerQueue, brokerQueue, routingKey: "", cancellationToken: cancellationToken).ConfigureAwait(false);
            return queue.MessageCount;
        }
    }

    /// <summary>How our queues are declared: by everybody alike, or the broker refuses.</summary>
    private static Dictionary<string, object?> ArgumentsOf(bool isQuorum) => isQuorum
        ? new(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = DeliveryLimit }
        : new(StringComparer.Ordinal) { ["x-max-priority"] = MaxPriority };
}
