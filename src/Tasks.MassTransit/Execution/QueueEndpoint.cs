using MassTransit;
using MassTransit.Middleware;

using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Transport;

namespace TasksBus.Execution;

/// <summary>A queue of runs that this worker reads.</summary>
internal sealed class QueueEndpoint(
    string queue, TaskCatalogue catalogue, BrokerNames names, RunExecutor executor, IEnumerable<IQueueVisitor> visitors, TimeProvider clock, ILogger<QueueEndpoint> log)
{
    /// <summary>The name of the queue on the broker.</summary>
    public string BrokerQueue { get; } = names.Queue(queue);

    /// <summary>Adds what consumes from it.</summary>
    public void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        transport.SurviveLoss(endpoint);
        endpoint.AddDeserializer(RunFormat.Instance);
        var concurrency = catalogue.ConcurrencyOf(queue);
        transport.ConfigureQueue(endpoint, concurrency, (catalogue.Options.PerQueue.TryGetValue(queue, out var own) ? own.Prefetch : null) ?? concurrency);
        foreach (var task in catalogue.Tasks.Where(task => string.Equals(task.Queue, queue, StringComparison.Ordinal)))
            task.Bind(endpoint, transport);

        // What is not done with goes back; what cannot be read is recorded, then kept in the error queue.
        endpoint.ConfigureError(errors =>
        {
            errors.UseFilter(new ReturnUnfinished(queue, clock, log));
            errors.UseFilter(new RecordUnreadable(queue, executor, clock, log));
            errors.UseFilter(new ErrorTransportFilter());
        });
        endpoint.Instance(new RunConsumer(queue, executor));
        foreach (var visitor in visitors)
            visitor.Configure(endpoint, queue);
    }
}

/// <summary>What else comes to the queues of runs, and takes a slot there.</summary>
internal interface IQueueVisitor
{
    void Configure(IReceiveEndpointConfigurator endpoint, string queue);
}
