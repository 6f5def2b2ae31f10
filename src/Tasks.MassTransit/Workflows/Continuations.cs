using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Starts the workflows that take the place of runs. Safe to share between threads.</summary>
internal sealed class Continuations(WorkflowTracker tracker, WorkflowControl control, Lazy<WorkflowDesk> desk)
{
    /// <inheritdoc cref="IWorkflowSteps.Continue"/>
    /// <remarks>
    /// An attempt that is repeated finds what the one before has started, and one that a retry of the workflow around it has started over lets that go on from
    /// what has failed. Only where that cannot be, because what it did is taken back or has not ended yet, it starts anew.
    /// </remarks>
    public async ValueTask<Guid> Start(TaskSaga run, Workflow workflow, CancellationToken cancellationToken)
    {
        for (var number = 0; ; number++)
        {
            var id = WorkflowIds.ContinuationOf(run.CorrelationId, number);
            var known = await tracker.Documents.Load(id, cancellationToken).ConfigureAwait(false);
            if (known?.Saga.State.IsFinal() != true)
                return await Submit(run, workflow, id, cancellationToken).ConfigureAwait(false);
            if (known.Saga.Is(WorkflowState.Succeeded) || await control.TryRetry(id, cancellationToken).ConfigureAwait(false))
                return id;
        }
    }

    /// <summary>What runs that follow from a run inherit of its priority.</summary>
    /// <remarks>One of 0 says nothing, and must not take the place of those that their tasks have.</remarks>
    public static int? PriorityAfter(TaskSaga run) => run.Priority > 0 ? run.Priority : null;

    private async Task<Guid> Submit(TaskSaga run, Workflow workflow, Guid id, CancellationToken cancellationToken)
    {
        var parent = run.Step is { } step ? await tracker.Documents.Load(step.WorkflowId, cancellationToken).ConfigureAwait(false) : null;
        return await desk.Value.Submit(
            workflow,
            new WorkflowOptions { WorkflowId = id, Headers = run.Headers, Priority = PriorityAfter(run), Lifetime = parent?.Saga.Lifetime ?? run.ResultLifetime },
            new WorkflowOrigin(run.CorrelationId, run.Step, parent?.Saga.RootId),
            cancellationToken).ConfigureAwait(false);
    }
}
