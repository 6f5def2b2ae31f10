using MassTransit;

using TasksBus.Execution;

namespace TasksBus.Workflows;

/// <summary>Which step is next, on a routing slip.</summary>
internal sealed record StepArguments
{
    /// <summary>The number of its node.</summary>
    public int Node { get; init; }

    /// <summary>The number of the one from which the slip comes; null if it begins here.</summary>
    public int? Before { get; init; }

    /// <summary>The number of the one to which the slip goes on; null if it ends there.</summary>
    public int? Next { get; init; }
}

/// <summary>A stop of a routing slip: runs the step there as any run that comes out of the queue, and lets the slip go on once it has succeeded.</summary>
internal sealed class StepActivity(string queue, NodeOpener opener, RunExecutor executor) : IExecuteActivity<StepArguments>
{
    public async Task<ExecutionResult> Execute(ExecuteContext<StepArguments> context)
    {
        var delivery = context.CancellationToken;
        try
        {
            var end = await Run(context.TrackingNumber, context.Arguments, context.ReceiveContext.Redelivered, delivery).WaitAsync(delivery).ConfigureAwait(false);
            return end switch
            {
                RunEnd.Succeeded => context.Completed(),
                RunEnd.Returned => new GiveBack(new RunReleasedException()),
                _ => context.Terminate(),
            };
        }
        catch (RunRefusedException)
        {
            return context.Terminate();
        }
        catch (Exception exception)
        {
            // The host would take it for a fault of the step. It is one of the delivery: the broker is to deliver it again.
            return new GiveBack(exception);
        }
    }

    private async Task<RunEnd> Run(Guid workflowId, StepArguments step, bool isRedelivered, CancellationToken delivery)
    {
        if (await opener.Open(workflowId, step, delivery).ConfigureAwait(false) is not { } message)
            return RunEnd.Over;
        return await executor.Execute(message, queue, isRedelivered, delivery).ConfigureAwait(false);
    }
}

/// <summary>Leaves a routing slip with the broker, as it came.</summary>
internal sealed class GiveBack(Exception reason) : ExecutionResult
{
    public Task Evaluate() => Task.FromException(reason);

    public bool IsFaulted(out Exception exception)
    {
        exception = reason;
        return true;
    }
}
