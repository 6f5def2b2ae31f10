using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Lets steps wait for instants and signals. Safe to share between threads.</summary>
internal sealed class NodeAlarms(Foundation foundation, WorkflowTracker tracker, TimeProvider clock)
{
    /// <returns>The end of the step, if it is time.</returns>
    public async Task<NodeEnd?> AwaitInstant(Guid workflowId, int node, NodeDefinition definition, CancellationToken cancellationToken) =>
        await IsTime(workflowId, node, definition.Until ?? clock.GetUtcNow() + definition.Delay!.Value, cancellationToken).ConfigureAwait(false) ? new NodeEnd(TaskState.Succeeded) : null;

    /// <returns>The end of the step, if the signal is there or nobody waits for it any longer.</returns>
    public async Task<NodeEnd?> AwaitSignal(Guid workflowId, int node, NodeDefinition definition, CancellationToken cancellationToken)
    {
        var stored = await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        if (stored.Count > 0 && stored[0].Given is { } payload)
            return new NodeEnd(TaskState.Succeeded, payload);
        if (definition.Timeout is not { } timeout || !await IsTime(workflowId, node, clock.GetUtcNow() + timeout, cancellationToken).ConfigureAwait(false))
            return null;
        return new StepFailure(workflowId, definition.Name, TaskState.Failed, Kind: FailureKind.TimedOut, Error: new TaskError(
            nameof(TimeoutException), $"Nobody has sent the signal '{definition.Name}' within {timeout}.")).ToEnd();
    }

    private async Task<bool> IsTime(Guid workflowId, int node, DateTimeOffset wanted, CancellationToken cancellationToken)
    {
        var dueAt = await foundation.Workflows.SetDue(workflowId, node, wanted, cancellationToken).ConfigureAwait(false);
        if (dueAt <= clock.GetUtcNow())
            return true;
        await tracker.Raise(tracker.Machine.AlarmSet, new AlarmSet(workflowId, dueAt), workflowId, cancellationToken).ConfigureAwait(false);
        return false;
    }
}
