using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Hands signals to the steps that wait for them. Safe to share between threads.</summary>
internal sealed class Signals(Foundation foundation, WorkflowTracker tracker, WorkflowKeeper keeper, OpenNodes open)
{
    /// <summary>Tells a step that waits for a signal, or will, that it goes on: one of the workflow, else one of those that go on in the place of its steps.</summary>
    /// <exception cref="ArgumentException">The payload is not what the step waits for.</exception>
    /// <exception cref="InvalidOperationException">No step waits for it.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public async Task Send(Guid workflowId, string name, Payload payload, CancellationToken cancellationToken)
    {
        var workflow = (await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga ?? throw new WorkflowNotFoundException(workflowId);
        var others = new List<string>(workflow.Signals?.Keys ?? []);
        if (await TryGive(workflow, name, payload, others, cancellationToken).ConfigureAwait(false))
            return;
        throw new InvalidOperationException(
            workflow.Signals?.ContainsKey(name) == true
                ? $"Workflow {workflowId} is {workflow.State}, and its step '{name}' no longer waits: it has ended, or was told before. A signal counts once."
                : $"No step of workflow {workflowId} waits for signal '{name}'.{NearMiss.For(name, others)} Name one for which it, or a workflow to which it has handed over, has a {nameof(Workflow)}.{nameof(Workflow.WaitForSignal)}.");
    }

    private async Task<bool> TryGive(WorkflowSaga workflow, string name, Payload payload, List<string> others, CancellationToken cancellationToken)
    {
        if (!workflow.Is(WorkflowState.Running))
            return false;
        if (workflow.Signals?.TryGetValue(name, out var node) == true && await TryGive(workflow.CorrelationId, node, name, payload, cancellationToken).ConfigureAwait(false))
            return true;
        await foreach (var page in open.Of(workflow.CorrelationId, cancellationToken).ConfigureAwait(false))
        {
            foreach (var continuation in page.Where(step => step.End is null).Select(step => Handover.Of(step, NodeDefinition.Read(step.Definition))).OfType<Guid>())
            {
                if (await tracker.Documents.Load(continuation, cancellationToken).ConfigureAwait(false) is not { Saga: var next })
                    continue;
                others.AddRange(next.Signals?.Keys ?? []);
                if (await TryGive(next, name, payload, others, cancellationToken).ConfigureAwait(false))
                    return true;
            }
        }

        return false;
    }

    /// <returns>Whether the step is told; false if it has ended, or was told before.</returns>
    private async Task<bool> TryGive(Guid workflowId, int node, string name, Payload payload, CancellationToken cancellationToken)
    {
        var stored = await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        if (stored is [{ End: null } step] && NodeDefinition.Read(step.Definition).Accepts?.ObjectionTo(payload) is { } objection)
            throw new ArgumentException($"Step '{name}' of workflow {workflowId} waits for {objection}. Give it what its {nameof(Workflow.WaitForSignal)} names.", nameof(payload));
        if (!await foundation.Workflows.Give(workflowId, node, payload.Json, cancellationToken).ConfigureAwait(false))
            return false;

        // One that is not open yet finds what it was given.
        if (await foundation.Workflows.ListOpen(workflowId, node - 1, limit: 1, cancellationToken).ConfigureAwait(false) is not [var first] || first != node)
            return true;
        await keeper.End(workflowId, node, new NodeEnd(TaskState.Succeeded, payload.Json), carriesOnTo: null, cancellationToken).ConfigureAwait(false);

        // That nobody has waited for it any longer may have been quicker.
        return await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false) is [{ End.State: TaskState.Succeeded }];
    }
}
