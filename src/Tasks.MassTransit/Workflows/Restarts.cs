using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Prepares what did not succeed in a workflow for another time. Safe to share between threads.</summary>
/// <remarks>Whoever dies over it leaves the workflow marked, and another one does all of it again, once nothing was heard of the first for a while.</remarks>
internal sealed class Restarts(Foundation foundation, WorkflowTracker tracker, RunTracker runs)
{
    private const int PageSize = 500;
    private const int AtOnce = 64;

    /// <summary>For how long the messages of a run from before are known to be that, until it is recorded anew.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>Writes every node that has not succeeded as if it had not ended, and forgets its run. Nothing begins before all of that is done.</summary>
    /// <returns>Those that are open; null if the workflow is to be reopened no longer, or by somebody else.</returns>
    public async Task<IReadOnlyList<StoredNode>?> Write(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var (id, until, open) = (workflow.CorrelationId, workflow.ReopeningUntil, new List<int>());
        await foundation.Workflows.SetStopped(id, isStopped: true, cancellationToken).ConfigureAwait(false);
        var nodes = await ReadAll(id, cancellationToken).ConfigureAwait(false);
        RemoveRefused(nodes);
        var settled = Settled(nodes);
        foreach (var page in nodes.Where(node => !settled.Contains(node.Stored.Node)).Chunk(PageSize))
        {
            var goesOn = new ReopeningGoesOn(id, until);
            until = (await tracker.Raise(tracker.Machine.ReopeningGoesOn, goesOn, id, cancellationToken).ConfigureAwait(false))?.Saga.ReopeningUntil;
            if (!goesOn.IsAccepted)
                return null;
            await Parallel.ForEachAsync(
                page.Where(node => node.Definition.Kind == NodeKind.Call),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (node, end) => await Forget(WorkflowIds.RunOf(id, node.Stored.Node), node.Definition.Restarts + 1, end).ConfigureAwait(false)).ConfigureAwait(false);
            var writes = Array.ConvertAll(page, node => Anew(node, settled));
            await foundation.Workflows.Write(id, writes, cancellationToken).ConfigureAwait(false);
            open.AddRange(writes.Where(write => write.IsOpen).Select(write => write.Node));
        }

        await foundation.Workflows.SetStopped(id, isStopped: false, cancellationToken).ConfigureAwait(false);
        var reopened = new Reopened(id, until);
        await tracker.Raise(tracker.Machine.Reopened, reopened, id, cancellationToken).ConfigureAwait(false);
        return reopened.IsAccepted ? await foundation.Workflows.Read(id, open, cancellationToken).ConfigureAwait(false) : null;
    }

    private async Task<List<StartedNode>> ReadAll(Guid workflowId, CancellationToken cancellationToken)
    {
        var count = await foundation.Workflows.Count(workflowId, cancellationToken).ConfigureAwait(false);
        var nodes = new List<StartedNode>(count.Nodes);
        foreach (var page in Enumerable.Range(0, count.Nodes).Chunk(PageSize))
        {
            foreach (var node in await foundation.Workflows.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
                nodes.Add(new StartedNode(node, NodeDefinition.Read(node.Definition)));
        }

        return nodes;
    }

    /// <summary>The nodes that stay as they are: they have succeeded, or a group around them has all the same, so that what follows it has taken its list; and calls beside those.</summary>
    /// <remarks>A call that was told of a failure is told of the next one too.</remarks>
    private static HashSet<int> Settled(List<StartedNode> nodes)
    {
        var settled = nodes
            .Where(node => node.Stored.End?.State == TaskState.Succeeded && node.Definition is not { IsForFailure: true, IsSide: true })
            .Select(node => node.Stored.Node)
            .ToHashSet();
        var passedOn = nodes
            .Where(node => !settled.Contains(node.Stored.Node) && node.Definition.Within?.Any(settled.Contains) == true)
            .Select(node => node.Stored.Node)
            .ToHashSet();
        settled.UnionWith(passedOn);
        settled.UnionWith(nodes.Where(node => node.Definition is { IsSide: true, Waits: { Count: > 0 } waits } && waits.All(passedOn.Contains)).Select(node => node.Stored.Node));
        return settled;
    }

    /// <remarks>A signal counts once, and nobody sends it again because of a retry.</remarks>
    private static NodeWrite Anew(StartedNode node, HashSet<int> settled)
    {
        var waits = node.Definition.Waits.Concat(node.Stored.Added).Count(before => !settled.Contains(before));
        var definition = node.Definition with { Restarts = node.Definition.Restarts + 1 };
        return new NodeWrite(node.Stored.Node, definition.Write(), waits, Before: null, IsOpen: waits == 0, KeepsGiven: definition.Kind == NodeKind.Signal);
    }

    /// <summary>Leaves out what was to be added and came too late: it was written, and its first node, which waits for nothing, never opened.</summary>
    private static void RemoveRefused(List<StartedNode> nodes)
    {
        var refused = new HashSet<int>();
        foreach (var (stored, definition) in nodes)
        {
            var isFirst = stored.Node > 0 && stored.End is null && definition.Waits.Count == 0;
            if (isFirst || definition.Waits.Any(refused.Contains))
                refused.Add(stored.Node);
        }

        nodes.RemoveAll(node => refused.Contains(node.Stored.Node));
    }

    /// <remarks>A message of the run that is still under way must not start it: another one comes, with tokens beyond those that were given out.</remarks>
    private async Task Forget(Guid runId, int restarts, CancellationToken cancellationToken)
    {
        while (await runs.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is { } run
            && !await runs.Documents.Store.StartOver(runId, run.Version, RunMessage.FirstFencingTokenAfter(restarts), Memory, cancellationToken).ConfigureAwait(false))
        {
            // Somebody has written it in between.
        }
    }

    private sealed record StartedNode(StoredNode Stored, NodeDefinition Definition);
}
