using MassTransit;

using TasksBus.Transport;

namespace TasksBus.Workflows;

/// <summary>A workflow that was submitted is to start.</summary>
/// <param name="WorkflowId">The workflow.</param>
internal sealed record StartWorkflow(Guid WorkflowId);

/// <summary>Where workers hear of workflows that are to start.</summary>
internal sealed class WorkflowEndpoint(WorkflowKeeper keeper, BrokerNames names, TaskQueueOptions options) : IBusReader
{
    /// <summary>Whoever starts a workflow sends many runs at a time.</summary>
    private const int Concurrency = 4;

    public async Task Connect(IBus bus, IQueueTransport transport)
    {
        if (options.IsWorker)
            await bus.ConnectReceiveEndpoint(names.Workflows, endpoint => Configure(endpoint, transport)).Ready.ConfigureAwait(false);
    }

    /// <remarks>No run is run here.</remarks>
    public void StopTakingRuns()
    {
    }

    private void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        transport.SurviveLoss(endpoint);
        transport.ConfigureQueue(endpoint, Concurrency, Concurrency);

        // Beyond that somebody looks after the workflow, whoever that is.
        endpoint.UseMessageRetry(retry => retry.Exponential(retryLimit: 5, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100)));
        endpoint.Handler<StartWorkflow>(context => keeper.Start(context.Message.WorkflowId, context.CancellationToken));
    }
}
