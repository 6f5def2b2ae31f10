using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Looks whether something of a workflow that is due was forgotten, because who had to do it has died, and does it. Safe to share between threads.</summary>
internal sealed class WorkflowInspector(Foundation foundation, WorkflowTracker tracker, WorkflowDriver driver, WorkflowKeeper keeper, WorkflowControl control, OpenNodes open, LostMessages lost, RunTracker runs)
{
    /// <summary>Looks after a workflow.</summary>
    public async Task Look(StoredSaga stored, CancellationToken cancellationToken)
    {
        var (id, passed) = (stored.Id, new DeadlinePassed(stored.Id));
        if (await tracker.RaiseOn(tracker.Documents.Read(stored), tracker.Machine.DeadlinePassed, passed, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false) is not { } workflow)
            return;
        if (passed.IsAccepted)
            await keeper.Stop(workflow.Saga, "The deadline of its workflow has passed.", cancellationToken).ConfigureAwait(false);

        var count = await foundation.Workflows.Count(id, cancellationToken).ConfigureAwait(false);
        var isAllEnded = !workflow.Saga.Is(WorkflowState.Running) && await open.First(id, cancellationToken, withSides: workflow.Saga is { FinishedAt: not null, HasSides: true }).ConfigureAwait(false) is null;
        // What is kept of its steps is needed until the last of them has ended, and no longer than the document from then on.
        if (isAllEnded && workflow.Saga.FinishedAt is not null)
            await foundation.Workflows.Keep(id, workflow.Saga.Lifetime, cancellationToken).ConfigureAwait(false);
        var looked = new LookedAt(id, count.Ended, isAllEnded);
        workflow = await tracker.RaiseOn(workflow, tracker.Machine.LookedAt, looked, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!looked.IsAccepted)
        {
            // Somebody may have had it begin again in between.
            if (isAllEnded && workflow?.Saga.Is(WorkflowState.Running) == true)
                await foundation.Workflows.Keep(id, lifetime: null, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (looked.MustReopen)
            await keeper.Reopen(workflow!.Saga, cancellationToken).ConfigureAwait(false);
        if (looked.MustInspect && await IsWanted(workflow!.Saga, cancellationToken).ConfigureAwait(false))
            await Inspect(workflow.Saga, looked.IsStill, cancellationToken).ConfigureAwait(false);
        if (isAllEnded)
            await keeper.GoOn(workflow!.Saga, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the run that has submitted the workflow to take its place has recorded so.</summary>
    /// <remarks>Once that run has ended in another way, nobody waits for the workflow.</remarks>
    private async Task<bool> IsWanted(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var id = workflow.CorrelationId;
        if (!workflow.Is(WorkflowState.Running) || workflow.ParentRunId is not { } parent)
            return true;
        if (await runs.Documents.Load(parent, cancellationToken).ConfigureAwait(false) is not { Saga: var run } || run.ContinuedAs == id)
            return true;
        if (run.FinishedAt is not null)
            await control.Revoke(id, $"Run {parent} has ended without handing over to it.", cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <remarks>Nothing says what was forgotten, so what is open is done again: it does no harm, and what runs already is known by its id.</remarks>
    private async Task Inspect(WorkflowSaga workflow, bool isStill, CancellationToken cancellationToken)
    {
        var (id, isRunning, isOver, isAnyLeft) = (workflow.CorrelationId, workflow.Is(WorkflowState.Running), false, false);
        await foreach (var page in open.Of(id, cancellationToken).ConfigureAwait(false))
        {
            if (isRunning && page is [{ Node: 0 }, ..])
                await foundation.Workflows.Keep(id, lifetime: null, cancellationToken).ConfigureAwait(false);
            var waiting = new List<TaskSaga>();
            foreach (var node in page)
            {
                var definition = NodeDefinition.Read(node.Definition);
                isAnyLeft |= !isRunning && definition is { IsSide: false, IsEnd: false } && node.End is null;
                if (definition.Kind == NodeKind.Call && node.End is null && await IsKnown(id, node, definition, isRunning || definition.IsSide ? waiting : [], cancellationToken).ConfigureAwait(false))
                    continue;
                if (!isRunning && !definition.IsSide && node.End is null)
                    continue;
                isOver |= await driver.Move(id, node, definition, cancellationToken).ConfigureAwait(false);
            }

            // While others end, a queue is empty because workers have all of it in hand.
            if (isStill)
                await lost.Replace(waiting, cancellationToken).ConfigureAwait(false);
            isOver |= isRunning && await RevokeAbandoned(id, page, cancellationToken).ConfigureAwait(false);
        }

        if (isAnyLeft)
        {
            await foundation.Workflows.SetStopped(id, isStopped: true, cancellationToken).ConfigureAwait(false);
            isOver |= await driver.Revoke(id, node => !node.IsSide, "Its workflow has ended.", cancellationToken).ConfigureAwait(false);
        }

        if (isOver)
            await keeper.Finish(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what has opened while its group failed, so that nobody saw it when the others were taken back.</summary>
    private async Task<bool> RevokeAbandoned(Guid workflowId, IReadOnlyList<StoredNode> page, CancellationToken cancellationToken)
    {
        int[] joins = [.. page.SelectMany(node => NodeDefinition.Read(node.Definition).Within ?? []).Distinct()];
        var ended = (await foundation.Workflows.Read(workflowId, joins, cancellationToken).ConfigureAwait(false)).Where(join => join.End is not null).Select(join => join.Node).ToHashSet();
        return ended.Count > 0
            && await driver.Revoke(workflowId, node => node.Within?.Any(ended.Contains) == true, "Its group has ended.", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the run of a node is on its way; if it has ended, what follows is done.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="node">The node.</param>
    /// <param name="definition">What it is.</param>
    /// <param name="underWay">Gets the run, if it has not ended.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private async Task<bool> IsKnown(Guid workflowId, StoredNode node, NodeDefinition definition, List<TaskSaga> underWay, CancellationToken cancellationToken)
    {
        if (await runs.Documents.Load(WorkflowIds.RunOf(workflowId, node.Node), cancellationToken).ConfigureAwait(false) is not { Saga: var run })
            return await HasHandedOver(Handover.OfOrFirst(workflowId, node, definition), cancellationToken).ConfigureAwait(false);
        if (run.FinishedAt is not null)
            await keeper.End(run, cancellationToken).ConfigureAwait(false);
        else
            underWay.Add(run);
        return true;
    }

    /// <summary>Whether a workflow goes on in the place of a run whose own record has expired; if that has ended, what follows is done.</summary>
    /// <remarks>One that did not succeed may be of a time before a retry, which has forgotten the run: then the run is to start over.</remarks>
    private async Task<bool> HasHandedOver(Guid continuation, CancellationToken cancellationToken)
    {
        if (await tracker.Documents.Load(continuation, cancellationToken).ConfigureAwait(false) is not { Saga: var workflow }
            || (workflow.State.IsFinal() && !workflow.Is(WorkflowState.Succeeded)))
        {
            return false;
        }

        if (workflow.State.IsFinal())
            await keeper.GoOn(workflow, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
