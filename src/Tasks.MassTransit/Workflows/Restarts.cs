using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Prepares what did not succeed in a workflow for another time. Safe to share between threads.</summary>
internal sealed class Restarts(Foundation foundation, RunTracker runs)
{
    private const int PageSize = 500;

    /// <summary>For how long the messages of a run from before are known to be that, until it is recorded anew.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>Writes every node that has not succeeded as if it had not ended, and forgets its run.</summary>
    /// <returns>Those that are open.</returns>
    public async Task<IReadOnlyList<StoredNode>> Write(Guid workflowId, CancellationToken cancellationToken)
    {
        var count = await foundation.Workflows.Count(workflowId, cancellationToken).ConfigureAwait(false);
        var nodes = new List<(StoredNode Stored, NodeDefinition Definition)>(count.Nodes);
        foreach (var page in Enumerable.Range(0, count.Nodes).Chunk(PageSize))
        {
            foreach (var node in await foundation.Workflows.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
                nodes.Add((node, NodeDefinition.Read(node.Definition)));
        }

        RemoveRefused(nodes);
        // A call that was told of the failure is told of the next one too.
        var succeeded = nodes.Where(node => node.Stored.End?.State == TaskState.Succeeded && node.Definition is not { IsForFailure: true, IsSide: true }).Select(node => node.Stored.Node).ToHashSet();
        var again = nodes.FindAll(node => !succeeded.Contains(node.Stored.Node));
        foreach (var node in again.Where(node => node.Definition.Kind == NodeKind.Call))
            await Forget(WorkflowIds.RunOf(workflowId, node.Stored.Node), node.Definition.Restarts + 1, cancellationToken).ConfigureAwait(false);

        var writes = again.ConvertAll(node =>
        {
            var waits = node.Definition.Waits.Concat(node.Stored.Added).Count(before => !succeeded.Contains(before));
            var definition = node.Definition with { Restarts = node.Definition.Restarts + 1 };
            return new NodeWrite(node.Stored.Node, definition.Write(), waits, Before: null, IsOpen: waits == 0);
        });
        await foundation.Workflows.Write(workflowId, writes, cancellationToken).ConfigureAwait(false);
        return await foundation.Workflows.Read(workflowId, [.. writes.Where(write => write.IsOpen).Select(write => write.Node)], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves out what was to be added and came too late: it was written, and its first node, which waits for nothing, never opened.</summary>
    private static void RemoveRefused(List<(StoredNode Stored, NodeDefinition Definition)> nodes)
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
}
