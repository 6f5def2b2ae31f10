using MassTransit;
using MassTransit.Middleware;

using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Transport;

namespace TasksBus.Execution;

/// <summary>A queue of runs that this worker reads.</summary>
internal sealed class QueueEndpoint(string queue, TaskCatalogue catalogue, BrokerNames names, RunExecutor executor, TimeProvider clock, ILogger<QueueEndpoint> log) : IBusEndpoint
{
    public string BrokerQueue { get; } = names.Queue(queue);

    public bool TakesRuns => true;

    public void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.AddDeserializer(RunFormat.Instance);
        transport.ConfigureQueue(endpoint, catalogue.Options.Concurrency);
        foreach (var task in catalogue.Tasks.Where(task => string.Equals(task.Queue, queue, StringComparison.Ordinal)))
            task.Bind(endpoint, transport);

        // What is not done with goes back; what cannot be read is recorded, then kept in the error queue.
        endpoint.ConfigureError(errors =>
        {
            errors.UseFilter(new ReturnUnfinished(queue, clock, log));
            errors.UseFilter(new RecordUnreadable(queue, executor, log));
            errors.UseFilter(new ErrorTransportFilter());
        });
        endpoint.Instance(new RunConsumer(queue, executor));
    }
}
