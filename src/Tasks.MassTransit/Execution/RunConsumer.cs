using MassTransit;

using TasksBus.Client;

namespace TasksBus.Execution;

/// <summary>The door: a delivery of a run comes in, and is acknowledged when this returns, after the outcome is recorded.</summary>
internal sealed class RunConsumer(string queue, RunExecutor executor) : IConsumer<RunMessage>
{
    public async Task Consume(ConsumeContext<RunMessage> context)
    {
        if (await executor.Execute(context.Message, queue, context.ReceiveContext.Redelivered, context.CancellationToken).ConfigureAwait(false) == RunEnd.Returned)
            throw new RunReleasedException();
    }
}
