using MassTransit;

using TasksBus.Execution;

namespace TasksBus.Workflows;

/// <summary>Lets routing slips come to the queues of runs.</summary>
internal sealed class StepVisitor(NodeOpener opener, RunExecutor executor) : IQueueVisitor
{
    public void Configure(IReceiveEndpointConfigurator endpoint, string queue) =>
        endpoint.ExecuteActivityHost<StepActivity, StepArguments>(() => new StepActivity(queue, opener, executor));
}
