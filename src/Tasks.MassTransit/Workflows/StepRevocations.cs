using System.Runtime.CompilerServices;

using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Takes back steps of whose runs nothing is known yet: they wait for others, or their message waits in a queue. Safe to share between threads.</summary>
/// <remarks>Nobody keeps which step a run's id belongs to: it follows from the workflow's, so those of all steps of the workflows that run are made and compared.</remarks>
internal sealed class StepRevocations(Foundation foundation, WorkflowTracker tracker, RunTracker runs, NodeStarter starter, OpenNodes open)
{
    private const int PageSize = 100;

    /// <summary>Takes steps back by the ids of their runs.</summary>
    /// <returns>The runs that are taken back by that.</returns>
    public async Task<IReadOnlyCollection<Guid>> Revoke(IEnumerable<Guid> runIds, string? reason, CancellationToken cancellationToken)
    {
        var (wanted, revoked) = (runIds.Where(WorkflowIds.IsDerived).ToHashSet(), new List<Guid>());
        if (wanted.Count == 0)
            return revoked;
        await foreach (var workflow in Running(cancellationToken).ConfigureAwait(false))
        {
            var count = await foundation.Workflows.Count(workflow, cancellationToken).ConfigureAwait(false);
            foreach (var node in Enumerable.Range(0, count.Nodes).Where(node => wanted.Contains(WorkflowIds.RunOf(workflow, node))))
            {
                var runId = WorkflowIds.RunOf(workflow, node);
                wanted.Remove(runId);
                if (await Revoke(workflow, node, reason ?? "Its run was revoked.", cancellationToken).ConfigureAwait(false))
                    revoked.Add(runId);
            }

            if (wanted.Count == 0)
                break;
        }

        return revoked;
    }

    /// <summary>Takes back the steps whose messages wait in a queue.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> Purge(string queue, string? reason, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var workflow in Running(cancellationToken).ConfigureAwait(false))
        {
            await foreach (var page in open.Of(workflow, cancellationToken).ConfigureAwait(false))
            {
                foreach (var node in page.Where(node => node.End is null))
                {
                    var definition = NodeDefinition.Read(node.Definition);
                    if (!string.Equals(definition.Call?.Options?.Queue, queue, StringComparison.Ordinal) || await IsKnown(workflow, node, definition, cancellationToken).ConfigureAwait(false))
                        continue;
                    await starter.Revoke(workflow, node.Node, definition, reason ?? "Its queue was purged.", cancellationToken).ConfigureAwait(false);
                    count++;
                }
            }
        }

        return count;
    }

    private async Task<bool> Revoke(Guid workflowId, int node, string reason, CancellationToken cancellationToken)
    {
        if (await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false) is not [{ End: null } stored])
            return false;
        if (await foundation.Workflows.ListOpen(workflowId, node - 1, limit: 1, cancellationToken).ConfigureAwait(false) is not [var first] || first != node)
        {
            // What stands before it goes on, and may be all that does.
            var taken = new StepTakenBack(workflowId);
            await tracker.Raise(tracker.Machine.StepTakenBack, taken, workflowId, cancellationToken).ConfigureAwait(false);
            if (!taken.IsAccepted)
                return false;
        }

        await starter.Revoke(workflowId, node, NodeDefinition.Read(stored.Definition), reason, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <remarks>One that has handed over may be known by what took its place alone.</remarks>
    private async Task<bool> IsKnown(Guid workflowId, StoredNode node, NodeDefinition definition, CancellationToken cancellationToken) =>
        await runs.Documents.Load(WorkflowIds.RunOf(workflowId, node.Node), cancellationToken).ConfigureAwait(false) is not null
        || await tracker.Documents.Load(Handover.OfOrFirst(workflowId, node, definition), cancellationToken).ConfigureAwait(false) is not null;

    private async IAsyncEnumerable<Guid> Running([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new SagaQuery(WorkflowMapping.IndexOf(WorkflowState.Running), MinScore: 0, MaxScore: long.MaxValue / 1_024, After: null, PageSize);
        do
        {
            var page = await tracker.Documents.Store.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var workflow in page.Sagas)
                yield return workflow.Id;
            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }
}
