using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Keeps workflows going and ends them: each as a whole, and with it what it is a part of. Safe to share between threads.</summary>
internal sealed class WorkflowKeeper(
    Foundation foundation, WorkflowTracker tracker, WorkflowDriver driver, NodeResults results, RunTracker runs, Restarts restarts, Compensations compensations)
{
    /// <summary>Starts a workflow.</summary>
    public Task Start(Guid workflowId, CancellationToken cancellationToken) => End(workflowId, node: 0, new NodeEnd(TaskState.Succeeded), carriesOnTo: null, cancellationToken);

    /// <summary>Records how a step has ended, and does what follows.</summary>
    public async Task End(Guid workflowId, int node, NodeEnd end, int? carriesOnTo, CancellationToken cancellationToken)
    {
        if (await driver.End(workflowId, node, end, carriesOnTo, cancellationToken).ConfigureAwait(false))
            await Finish(workflowId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records how the run of a step has ended, and does what follows.</summary>
    public async Task End(TaskSaga run, CancellationToken cancellationToken)
    {
        var step = run.Step!;
        if (run.ContinuedAs is { } continuation)
        {
            await Handover.Keep(foundation.Workflows, step, continuation, cancellationToken).ConfigureAwait(false);

            // What takes its place ends the step. It may have been quicker than the record of the run.
            if (await tracker.Documents.Load(continuation, cancellationToken).ConfigureAwait(false) is { Saga: var workflow } && workflow.State.IsFinal())
                await TellParent(workflow, cancellationToken).ConfigureAwait(false);
            return;
        }

        // Only one that has succeeded lets its routing slip go on; what stands on it after another one is to be left out like anything else.
        var (end, carriesOnTo) = run.Is(TaskState.Succeeded) ? (new NodeEnd(TaskState.Succeeded, run.Result?.Json), run.CarriesOnTo) : (StepFailures.Of(run).ToEnd(), null);
        await End(step.WorkflowId, step.Node, end, carriesOnTo, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The last step has ended.</summary>
    public async Task Finish(Guid workflowId, CancellationToken cancellationToken)
    {
        if (await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false) is not { Saga.ReopeningUntil: null } workflow)
            return;
        var ended = new StepsEnded(workflowId, await results.FailureOf(workflowId, workflow.Saga.Last, cancellationToken).ConfigureAwait(false));
        var isAllDone = ended.Failure is null && workflow.Saga.Is(WorkflowState.Running) && workflow.Saga.StandsAlone;
        if (isAllDone)
            await foundation.Workflows.Keep(workflowId, workflow.Saga.Lifetime, cancellationToken).ConfigureAwait(false);
        workflow = await tracker.RaiseOn(workflow, tracker.Machine.StepsEnded, ended, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (ended.IsAccepted && workflow!.Saga.State.IsFinal())
            await TellParent(workflow.Saga, cancellationToken).ConfigureAwait(false);
        if (isAllDone && !ended.IsAccepted && workflow?.Saga.State.IsFinal() == false)
            await foundation.Workflows.Keep(workflowId, lifetime: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The workflow does not go on: nor does what is under way in it.</summary>
    public async Task Stop(WorkflowSaga workflow, string reason, CancellationToken cancellationToken)
    {
        var id = workflow.CorrelationId;
        await foundation.Workflows.SetStopped(id, isStopped: true, cancellationToken).ConfigureAwait(false);
        await driver.Revoke(id, node => !node.IsSide, reason, cancellationToken).ConfigureAwait(false);
        if (workflow.State.IsFinal())
            await TellParent(workflow, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nothing is under way in it any more.</summary>
    public async Task GoOn(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        if (workflow.State.IsFinal())
            await TellParent(workflow, cancellationToken).ConfigureAwait(false);
        else if (workflow.Is(WorkflowState.Compensating) && await compensations.Start(workflow, cancellationToken).ConfigureAwait(false) is var compensation and not Compensation.UnderWay)
            await EndCompensation(workflow.CorrelationId, hadNothing: compensation == Compensation.Nothing, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets what did not succeed begin again.</summary>
    public async Task Reopen(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var id = workflow.CorrelationId;
        await foundation.Workflows.Keep(id, lifetime: null, cancellationToken).ConfigureAwait(false);
        foreach (var node in await restarts.Write(workflow, cancellationToken).ConfigureAwait(false) ?? [])
        {
            if (await driver.Move(id, node, NodeDefinition.Read(node.Definition), cancellationToken).ConfigureAwait(false))
                await Finish(id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EndCompensation(Guid workflowId, bool hadNothing, CancellationToken cancellationToken)
    {
        var ended = new CompensationEnded(workflowId, hadNothing);
        var workflow = await tracker.Raise(tracker.Machine.CompensationEnded, ended, workflowId, cancellationToken).ConfigureAwait(false);
        if (!ended.IsAccepted)
            return;
        await TellParent(workflow!.Saga, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the step that a workflow stands for how that has ended.</summary>
    private async Task TellParent(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        if (workflow.ParentStep is not { } step)
            return;
        if (workflow.IsCompensation)
        {
            await EndCompensation(step.WorkflowId, hadNothing: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!await StandsFor(workflow, cancellationToken).ConfigureAwait(false) || !await HasStillEnded(workflow, cancellationToken).ConfigureAwait(false))
            return;

        // It may be quicker than whoever has recorded that the run hands over.
        await Handover.Keep(foundation.Workflows, step, workflow.CorrelationId, cancellationToken).ConfigureAwait(false);
        await End(step.WorkflowId, step.Node, await EndOf(workflow, step.Name, cancellationToken).ConfigureAwait(false), carriesOnTo: null, cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>
    /// Until the run has recorded that it hands over, it may fail instead; and one that was started over may hand over to another workflow. Of one whose record has
    /// expired, no more is to come; but a retry forgets it as well, and with it what the step keeps of the workflow.
    /// </remarks>
    private async Task<bool> StandsFor(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        if (await runs.Documents.Load(workflow.ParentRunId!.Value, cancellationToken).ConfigureAwait(false) is { } run)
            return run.Saga.ContinuedAs == workflow.CorrelationId;
        return workflow.Is(WorkflowState.Succeeded)
            || (await foundation.Workflows.Read(workflow.ParentStep!.WorkflowId, [workflow.ParentStep.Node], cancellationToken).ConfigureAwait(false) is [var node]
                && Handover.Of(node, NodeDefinition.Read(node.Definition)) == workflow.CorrelationId);
    }

    /// <remarks>A step that was retried has recorded that it hands over once more only after what stands for it was retried.</remarks>
    private async Task<bool> HasStillEnded(WorkflowSaga workflow, CancellationToken cancellationToken) =>
        await tracker.Documents.Load(workflow.CorrelationId, cancellationToken).ConfigureAwait(false) is not { } now || now.Saga.FinishedAt == workflow.FinishedAt;

    private async Task<NodeEnd> EndOf(WorkflowSaga workflow, string step, CancellationToken cancellationToken) =>
        workflow.Is(WorkflowState.Succeeded)
            ? new NodeEnd(TaskState.Succeeded, await results.Of(workflow.CorrelationId, workflow.Last, cancellationToken).ConfigureAwait(false))
            : (workflow.Failure ?? new StepFailure(workflow.CorrelationId, step, workflow.Is(WorkflowState.Expired) ? TaskState.Expired : TaskState.Revoked)).ToEnd();
}
