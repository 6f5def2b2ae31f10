using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Keeps workflows going and ends them: each as a whole, and with it what it is a part of. Safe to share between threads.</summary>
internal sealed class WorkflowKeeper(
    Foundation foundation, WorkflowTracker tracker, WorkflowDriver driver, NodeResults results, RunTracker runs, Restarts restarts, Compensations compensations, Additions additions, Lazy<WorkflowDesk> desk, ILogger<WorkflowKeeper> log) : IWorkflowSteps
{
    private const int PageSize = 500;

    public async ValueTask<RunMessage> WithArguments(RunMessage message, CancellationToken cancellationToken)
    {
        var (workflowId, _, node) = message.Step!;
        var stored = await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        if (stored.Count == 0)
            return message;
        var definition = NodeDefinition.Read(stored[0].Definition);
        return message with { Arguments = await results.ArgumentsOf(workflowId, definition.Call!, definition.IsForFailure, cancellationToken).ConfigureAwait(false) };
    }

    public async ValueTask<Guid> Continue(TaskSaga run, Workflow workflow, CancellationToken cancellationToken)
    {
        var parent = run.Step is { } step ? await tracker.Documents.Load(step.WorkflowId, cancellationToken).ConfigureAwait(false) : null;
        return await desk.Value.Submit(
            workflow,
            new WorkflowOptions { WorkflowId = WorkflowIds.ContinuationOf(run.CorrelationId), Headers = run.Headers, Lifetime = parent?.Saga.Lifetime ?? run.ResultLifetime },
            new WorkflowOrigin(run.CorrelationId, run.Step, parent?.Saga.RootId),
            cancellationToken).ConfigureAwait(false);
    }

    public Task Add(TaskSaga run, Workflow workflow, CancellationToken cancellationToken) => additions.Add(run, workflow, cancellationToken);

    public async ValueTask CarryOn(TaskSaga run)
    {
        // What takes its place ends the step.
        if (run.ContinuedAs is not null)
            return;
        var step = run.Step!;
        try
        {
            var end = run.Is(TaskState.Succeeded) ? new NodeEnd(TaskState.Succeeded, run.Result?.Json) : StepFailures.Of(run).ToEnd();
            await End(step.WorkflowId, step.Node, end, run.CarriesOnTo, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or SubmitException)
        {
            log.NotCarriedOn(exception, step.Name, step.WorkflowId);
        }
    }

    /// <summary>Starts a workflow.</summary>
    public Task Start(Guid workflowId, CancellationToken cancellationToken) => End(workflowId, node: 0, new NodeEnd(TaskState.Succeeded), carriesOnTo: null, cancellationToken);

    /// <summary>Records how a step has ended, and does what follows.</summary>
    public async Task End(Guid workflowId, int node, NodeEnd end, int? carriesOnTo, CancellationToken cancellationToken)
    {
        if (await driver.End(workflowId, node, end, carriesOnTo, cancellationToken).ConfigureAwait(false))
            await Finish(workflowId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a workflow back, with all that runs and waits in it.</summary>
    /// <returns>The workflow; null if nothing is known of it.</returns>
    public async Task<WorkflowSaga?> Revoke(Guid workflowId, string? reason, CancellationToken cancellationToken)
    {
        var asked = new RevocationAsked(workflowId, reason);
        var workflow = await tracker.Raise(tracker.Machine.RevocationAsked, asked, workflowId, cancellationToken).ConfigureAwait(false);
        if (asked.IsAccepted)
            await Stop(workflow!.Saga, reason ?? "Its workflow was revoked.", cancellationToken).ConfigureAwait(false);
        return workflow?.Saga;
    }

    /// <summary>Tells a step that waits for a signal, or will, that it goes on.</summary>
    /// <exception cref="InvalidOperationException">No step waits for it.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public async Task Signal(Guid workflowId, string name, Payload payload, CancellationToken cancellationToken)
    {
        var workflow = (await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga ?? throw new WorkflowNotFoundException(workflowId);
        if (workflow.Signals?.TryGetValue(name, out var node) != true)
        {
            throw new InvalidOperationException(
                $"No step of workflow {workflowId} waits for signal '{name}'.{NearMiss.For(name, workflow.Signals?.Keys ?? [])} Name one for which it has a {nameof(Workflow)}.{nameof(Workflow.WaitForSignal)}.");
        }

        if (!workflow.Is(WorkflowState.Running) || !await foundation.Workflows.Give(workflowId, node, payload.Json, cancellationToken).ConfigureAwait(false))
            throw new InvalidOperationException($"Workflow {workflowId} is {workflow.State}, and its step '{name}' no longer waits: it has ended, or was told before. A signal counts once.");

        // One that is not open yet finds what it was given.
        if (await foundation.Workflows.ListOpen(workflowId, node - 1, limit: 1, cancellationToken).ConfigureAwait(false) is [var open] && open == node)
            await End(workflowId, node, new NodeEnd(TaskState.Succeeded, payload.Json), carriesOnTo: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does again what did not succeed.</summary>
    /// <exception cref="InvalidOperationException">The workflow cannot be retried.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public async Task Retry(Guid workflowId, CancellationToken cancellationToken)
    {
        if (await IsAnyOpen(workflowId, cancellationToken).ConfigureAwait(false))
            throw new InvalidOperationException($"Workflow {workflowId} cannot be retried yet: steps of it still run. Wait for its end.");
        var asked = new RetryAsked(workflowId);
        var workflow = await tracker.Raise(tracker.Machine.RetryAsked, asked, workflowId, cancellationToken).ConfigureAwait(false) ?? throw new WorkflowNotFoundException(workflowId);
        if (!asked.IsAccepted)
        {
            throw new InvalidOperationException(workflow.Saga.HasCompensations
                ? $"Workflow {workflowId} is {workflow.Saga.State} and cannot be retried: what its steps did is taken back. Submit it anew."
                : $"Workflow {workflowId} is {workflow.Saga.State} and cannot be retried: only one that has failed, expired or been revoked can.");
        }

        await Reopen(workflow.Saga, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks whether something of a workflow that is due was forgotten, and does it.</summary>
    public async Task Look(SagaDocument<WorkflowSaga> due, CancellationToken cancellationToken)
    {
        var id = due.Saga.CorrelationId;
        var passed = new DeadlinePassed(id);
        if (await tracker.RaiseOn(due, tracker.Machine.DeadlinePassed, passed, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false) is not { } workflow)
            return;
        if (passed.IsAccepted)
            await Stop(workflow.Saga, "The deadline of its workflow has passed.", cancellationToken).ConfigureAwait(false);

        var count = await foundation.Workflows.Count(id, cancellationToken).ConfigureAwait(false);
        var isAllEnded = !workflow.Saga.Is(WorkflowState.Running) && !await IsAnyOpen(id, cancellationToken).ConfigureAwait(false);
        var looked = new LookedAt(id, count.Ended, isAllEnded);
        workflow = await tracker.RaiseOn(workflow, tracker.Machine.LookedAt, looked, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!looked.IsAccepted)
            return;
        if (looked.MustInspect)
            await Inspect(workflow!.Saga, cancellationToken).ConfigureAwait(false);
        if (isAllEnded)
            await GoOn(workflow!.Saga, cancellationToken).ConfigureAwait(false);
    }

    private async Task Inspect(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var (id, isRunning, isOver, isAnyOpen) = (workflow.CorrelationId, workflow.Is(WorkflowState.Running), false, false);
        for (var page = await foundation.Workflows.ListOpen(id, after: -1, PageSize, cancellationToken).ConfigureAwait(false);
            page.Count > 0;
            page = await foundation.Workflows.ListOpen(id, page[^1], PageSize, cancellationToken).ConfigureAwait(false))
        {
            isAnyOpen = true;
            foreach (var node in await foundation.Workflows.Read(id, page, cancellationToken).ConfigureAwait(false))
            {
                var definition = NodeDefinition.Read(node.Definition);
                if (definition.Kind == NodeKind.Call && node.End is null && await IsKnown(id, node, cancellationToken).ConfigureAwait(false))
                    continue;
                isOver |= await driver.Move(id, node, definition, cancellationToken).ConfigureAwait(false);
            }
        }

        if (isRunning && !isAnyOpen)
            await Reopen(workflow, cancellationToken).ConfigureAwait(false);
        if (!isRunning)
            isOver |= await driver.Revoke(id, node => !node.IsSide, "Its workflow has ended.", cancellationToken).ConfigureAwait(false);
        if (isOver)
            await Finish(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the run of a node is on its way; if it has ended, what follows is done.</summary>
    private async Task<bool> IsKnown(Guid workflowId, StoredNode node, CancellationToken cancellationToken)
    {
        if (await runs.Documents.Load(WorkflowIds.RunOf(workflowId, node.Node), cancellationToken).ConfigureAwait(false) is not { Saga: var run })
            return false;
        if (run.FinishedAt is not null)
            await CarryOn(run).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> IsAnyOpen(Guid workflowId, CancellationToken cancellationToken)
    {
        for (var page = await foundation.Workflows.ListOpen(workflowId, after: -1, PageSize, cancellationToken).ConfigureAwait(false);
            page.Count > 0;
            page = await foundation.Workflows.ListOpen(workflowId, page[^1], PageSize, cancellationToken).ConfigureAwait(false))
        {
            var open = await foundation.Workflows.Read(workflowId, page, cancellationToken).ConfigureAwait(false);
            if (open.Select(node => NodeDefinition.Read(node.Definition)).Any(definition => definition is { IsSide: false, IsEnd: false }))
                return true;
        }

        return false;
    }

    /// <summary>The last step has ended.</summary>
    private async Task Finish(Guid workflowId, CancellationToken cancellationToken)
    {
        if (await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false) is not { } workflow)
            return;
        var ended = new StepsEnded(workflowId, await results.FailureOf(workflowId, workflow.Saga.Last, cancellationToken).ConfigureAwait(false));
        if (workflow.Saga.Is(WorkflowState.Running))
            await foundation.Workflows.Keep(workflowId, workflow.Saga.Lifetime, cancellationToken).ConfigureAwait(false);
        workflow = await tracker.RaiseOn(workflow, tracker.Machine.StepsEnded, ended, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (ended.IsAccepted && workflow!.Saga.State.IsFinal())
            await TellParent(workflow.Saga, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The workflow does not go on: nor does what is under way in it.</summary>
    private async Task Stop(WorkflowSaga workflow, string reason, CancellationToken cancellationToken)
    {
        var id = workflow.CorrelationId;
        if (workflow.FinishedAt is not null)
            await foundation.Workflows.Keep(id, workflow.Lifetime, cancellationToken).ConfigureAwait(false);
        await driver.Revoke(id, node => !node.IsSide, reason, cancellationToken).ConfigureAwait(false);
        if (workflow.State.IsFinal())
            await TellParent(workflow, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nothing is under way in it any more.</summary>
    private async Task GoOn(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        if (workflow.State.IsFinal())
            await TellParent(workflow, cancellationToken).ConfigureAwait(false);
        else if (workflow.Is(WorkflowState.Compensating) && !await compensations.Start(workflow, cancellationToken).ConfigureAwait(false))
            await EndCompensation(workflow.CorrelationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets what did not succeed begin again.</summary>
    private async Task Reopen(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var id = workflow.CorrelationId;
        await foundation.Workflows.Keep(id, lifetime: null, cancellationToken).ConfigureAwait(false);
        foreach (var node in await restarts.Write(id, cancellationToken).ConfigureAwait(false))
        {
            if (await driver.Move(id, node, NodeDefinition.Read(node.Definition), cancellationToken).ConfigureAwait(false))
                await Finish(id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EndCompensation(Guid workflowId, CancellationToken cancellationToken)
    {
        var ended = new CompensationEnded(workflowId);
        var workflow = await tracker.Raise(tracker.Machine.CompensationEnded, ended, workflowId, cancellationToken).ConfigureAwait(false);
        if (!ended.IsAccepted)
            return;
        await foundation.Workflows.Keep(workflowId, workflow!.Saga.Lifetime, cancellationToken).ConfigureAwait(false);
        await TellParent(workflow.Saga, cancellationToken).ConfigureAwait(false);
    }

    private async Task TellParent(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        if (workflow.ParentStep is not { } step)
            return;
        if (workflow.IsCompensation)
        {
            await EndCompensation(step.WorkflowId, cancellationToken).ConfigureAwait(false);
            return;
        }

        var end = workflow.Is(WorkflowState.Succeeded)
            ? new NodeEnd(TaskState.Succeeded, await results.Of(workflow.CorrelationId, workflow.Last, cancellationToken).ConfigureAwait(false))
            : (workflow.Failure ?? new StepFailure(workflow.CorrelationId, step.Name, workflow.Is(WorkflowState.Expired) ? TaskState.Expired : TaskState.Revoked)).ToEnd();
        await End(step.WorkflowId, step.Node, end, carriesOnTo: null, cancellationToken).ConfigureAwait(false);
    }
}
