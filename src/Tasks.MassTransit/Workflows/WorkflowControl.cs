using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>What somebody may want of a workflow while it runs, or once it has ended. Safe to share between threads.</summary>
internal sealed class WorkflowControl(Foundation foundation, WorkflowTracker tracker, OpenNodes open, WorkflowKeeper keeper)
{
    /// <summary>Takes a workflow back, with all that runs and waits in it.</summary>
    /// <returns>Where it is then, and whether it was not too late; null if nothing is known of it.</returns>
    public async Task<(WorkflowState State, bool IsAccepted)?> Revoke(Guid workflowId, string? reason, CancellationToken cancellationToken)
    {
        var asked = new RevocationAsked(workflowId, reason);
        if (await tracker.Raise(tracker.Machine.RevocationAsked, asked, workflowId, cancellationToken).ConfigureAwait(false) is not { Saga: var workflow })
            return null;
        if (asked.IsAccepted)
            await keeper.Stop(workflow, reason ?? "Its workflow was revoked.", cancellationToken).ConfigureAwait(false);
        return (workflow.State, asked.IsAccepted);
    }

    /// <summary>Does again what did not succeed.</summary>
    /// <exception cref="InvalidOperationException">The workflow cannot be retried.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public async Task Retry(Guid workflowId, CancellationToken cancellationToken)
    {
        if (await TryRetry(workflowId, cancellationToken).ConfigureAwait(false))
            return;
        var workflow = (await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga ?? throw new WorkflowNotFoundException(workflowId);
        throw new InvalidOperationException(workflow switch
        {
            { EndsAs: not default(WorkflowState) } when workflow.State.IsFinal() =>
                $"Workflow {workflowId} is {workflow.State} and cannot be retried: what its steps did is taken back{(workflow.Failure is { } failure ? $", since its step '{failure.Step}' did not succeed" : "")}. Submit it anew.",
            { State: WorkflowState.Failed or WorkflowState.Expired or WorkflowState.Revoked } =>
                $"Workflow {workflowId} cannot be retried yet: its step '{await open.First(workflowId, cancellationToken).ConfigureAwait(false)}' still runs. Wait for its end.",
            { State: WorkflowState.Succeeded } =>
                $"Workflow {workflowId} has succeeded up to its last step, '{await NameOf(workflowId, workflow.Last, cancellationToken).ConfigureAwait(false)}', and cannot be retried. Submit it anew.",
            _ => $"Workflow {workflowId} is {workflow.State}, at its step '{await open.First(workflowId, cancellationToken).ConfigureAwait(false)}': " +
                "only one that has failed, expired or been revoked can be retried.",
        });
    }

    /// <summary>Does again what did not succeed, if that can be.</summary>
    /// <returns>Whether it can.</returns>
    public async Task<bool> TryRetry(Guid workflowId, CancellationToken cancellationToken)
    {
        if (await open.First(workflowId, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        var asked = new RetryAsked(workflowId);
        var workflow = await tracker.Raise(tracker.Machine.RetryAsked, asked, workflowId, cancellationToken).ConfigureAwait(false);
        if (asked.IsAccepted)
            await keeper.Reopen(workflow!.Saga, cancellationToken).ConfigureAwait(false);
        return asked.IsAccepted;
    }

    private async Task<string> NameOf(Guid workflowId, int node, CancellationToken cancellationToken) =>
        await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false) is [var stored] ? NodeDefinition.Read(stored.Definition).Name : "";
}
