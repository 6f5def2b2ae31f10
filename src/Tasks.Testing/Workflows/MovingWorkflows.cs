using TasksBus.Tracking;
using TasksBus.Workflows;

namespace TasksBus.Testing;

/// <summary>Knows where workflows go on by themselves although no run is under way: between the end of a node and the start of what follows. Safe to share between threads.</summary>
internal sealed class MovingWorkflows(RecordingWorkflowStore store, RunRecorder recorder, SagaDocuments<WorkflowSaga> workflows)
{
    /// <summary>For how long nothing has moved at each such place, in real time.</summary>
    public async Task<IReadOnlyList<TimeSpan>> QuietTimes(CancellationToken cancellationToken)
    {
        var times = new List<TimeSpan>();
        foreach (var node in store.Moving)
        {
            if (await Moves(node, cancellationToken).ConfigureAwait(false))
                times.Add(TimeProvider.System.GetElapsedTime(node.Since));
        }

        return times;
    }

    private async ValueTask<bool> Moves(MovingNode node, CancellationToken cancellationToken)
    {
        if (node.IsEnd)
            return await StateOf(node.WorkflowId, cancellationToken).ConfigureAwait(false) == WorkflowState.Running;
        if (node.RunId is not { } runId || recorder.LatestOf(runId) is not { } run)
            return true;
        if (!run.IsFinal)
            return false;
        return run.ContinuedAs is not { } continuation || (await StateOf(continuation, cancellationToken).ConfigureAwait(false)).IsFinal();
    }

    private async ValueTask<WorkflowState> StateOf(Guid workflowId, CancellationToken cancellationToken) =>
        (await workflows.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga.State ?? WorkflowState.NotFound;
}
