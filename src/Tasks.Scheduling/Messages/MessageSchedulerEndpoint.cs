using MassTransit;
using MassTransit.Middleware;

using TasksBus.Transport;

namespace TasksBus.Messages;

/// <summary>Where applications send MassTransit's scheduling messages; every node reads there, and sends what is due from when it does.</summary>
internal sealed class MessageSchedulerEndpoint(MessageSchedulerName name, MessageSchedulerConsumer messages, RecurringMessageConsumer recurring, MessageDispatcher dispatcher) : IBusReader
{
    private const int Prefetch = 32;

    public async Task Connect(IBus bus, IQueueTransport transport)
    {
        await bus.ConnectReceiveEndpoint(name.Queue, endpoint => Configure(endpoint, transport)).Ready.ConfigureAwait(false);
        dispatcher.Start();
    }

    /// <remarks>No run is run here.</remarks>
    public void StopTakingRuns()
    {
    }

    private void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport)
    {
        endpoint.ConfigureConsumeTopology = false;
        transport.SurviveLoss(endpoint);
        endpoint.PrefetchCount = Prefetch;

        // What is said takes effect in the order in which it comes to this node. A partitioner would not do: what is consumed side by side overtakes each other before it gets there.
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.ConfigureError(errors =>
        {
            errors.UseFilter(new ReturnWithoutStore(TimeProvider.System));
            errors.UseFilter(new GenerateFaultFilter());
            errors.UseFilter(new ErrorTransportFilter());
        });
        endpoint.Consumer(() => messages);
        endpoint.Consumer(() => recurring);
    }
}

/// <summary>What the endpoint is called on the broker.</summary>
/// <param name="Queue">The name of its queue.</param>
internal sealed record MessageSchedulerName(string Queue);
