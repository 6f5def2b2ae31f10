using MassTransit;
using MassTransit.Scheduling;

using TasksBus.Transport;

namespace TasksBus.Messages;

/// <summary>Where applications send MassTransit's scheduling messages; every node reads there, and sends what is due from when it does.</summary>
internal sealed class MessageSchedulerEndpoint(MessageSchedulerName name, MessageSchedulerConsumer messages, RecurringMessageConsumer recurring, MessageDispatcher dispatcher) : IBusReader
{
    private const int Concurrency = 32;

    public async Task Connect(IBus bus, IQueueTransport transport)
    {
        await bus.ConnectReceiveEndpoint(name.Queue, endpoint => Configure(endpoint, transport)).Ready.ConfigureAwait(false);
        dispatcher.Start();
    }

    /// <remarks>No run is run here.</remarks>
    public void StopTakingRuns()
    {
    }

    private static string KeyOf(string? group, string id) => $"{group}/{id}";

    private void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport)
    {
        endpoint.ConfigureConsumeTopology = false;
        transport.SurviveLoss(endpoint);
        endpoint.PrefetchCount = Concurrency;
        endpoint.ConcurrentMessageLimit = Concurrency;
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<StoreUnavailableException>();
            retry.Exponential(retryLimit: 20, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100));
        });

        // What is said of one message or schedule takes effect in the order in which it comes to this node. What two nodes take at the same moment has none.
        var partition = endpoint.CreatePartitioner(Concurrency);
        endpoint.Consumer(() => messages, said =>
        {
            said.Message<ScheduleMessage>(message => message.UsePartitioner(partition, context => context.Message.CorrelationId));
            said.Message<CancelScheduledMessage>(message => message.UsePartitioner(partition, context => context.Message.TokenId));
        });
        endpoint.Consumer(() => recurring, said =>
        {
            said.Message<ScheduleRecurringMessage>(message => message.UsePartitioner(partition, context => KeyOf(context.Message.Schedule.ScheduleGroup, context.Message.Schedule.ScheduleId)));
            said.Message<CancelScheduledRecurringMessage>(message => message.UsePartitioner(partition, context => KeyOf(context.Message.ScheduleGroup, context.Message.ScheduleId)));
            said.Message<PauseScheduledRecurringMessage>(message => message.UsePartitioner(partition, context => KeyOf(context.Message.ScheduleGroup, context.Message.ScheduleId)));
            said.Message<ResumeScheduledRecurringMessage>(message => message.UsePartitioner(partition, context => KeyOf(context.Message.ScheduleGroup, context.Message.ScheduleId)));
        });
    }
}

/// <summary>What the endpoint is called on the broker.</summary>
/// <param name="Queue">The name of its queue.</param>
internal sealed record MessageSchedulerName(string Queue);
