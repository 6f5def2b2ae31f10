using System.Collections.Concurrent;

using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Follows the nodes of workflows: when one has ended, it does what follows. Safe to share between threads.</summary>
/// <remarks>
/// Nothing here needs to happen exactly once. A node ends once, whoever says so, and counts once where others wait for it; a run that is started twice is one, by its id.
/// So whatever a process that dies has left undone, the next one does again: the broker delivers the message of the run, or somebody looks at the workflow.
/// </remarks>
internal sealed class WorkflowDriver(Foundation foundation, OpenNodes open, NodeStarter starter, NodeResults results, NodeAlarms alarms)
{
    private const int AtOnce = 64;

    private IWorkflowStore Nodes => foundation.Workflows;

    /// <summary>Records how a node has ended, and does what follows.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="node">The node.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="carriesOnTo">The node to which a message is on its way already.</param>
    /// <param name="cancellationToken">Ends the call; what was not done is done when somebody looks.</param>
    /// <returns>Whether the workflow is over with that.</returns>
    public Task<bool> End(Guid workflowId, int node, NodeEnd end, int? carriesOnTo = null, CancellationToken cancellationToken = default) =>
        End(workflowId, new Ended(node, end), carriesOnTo, cancellationToken);

    /// <summary>Does again what is to be done with a node that is open.</summary>
    /// <returns>Whether the workflow is over with that.</returns>
    public async Task<bool> Move(Guid workflowId, StoredNode node, NodeDefinition definition, CancellationToken cancellationToken)
    {
        if (node.End is { } end)
            return await End(workflowId, node.Node, end, cancellationToken: cancellationToken).ConfigureAwait(false);
        var move = NodeMoves.Of(definition, node.Waits, node.Failures, node.IsStopped);
        if (move == NodeMove.End)
            return true;
        return await Do(workflowId, node.Node, definition, move, startsAlone: true, cancellationToken).ConfigureAwait(false) is { } ended
            && await End(workflowId, ended, carriesOnTo: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what is open.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="isMeant">Which nodes.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether the workflow is over with that.</returns>
    public async Task<bool> Revoke(Guid workflowId, Func<NodeDefinition, bool> isMeant, string reason, CancellationToken cancellationToken)
    {
        var isOver = false;
        await foreach (var page in open.Of(workflowId, cancellationToken).ConfigureAwait(false))
        {
            await Parallel.ForEachAsync(page, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (node, end) =>
            {
                var definition = NodeDefinition.Read(node.Definition);
                if (node.End is null && !definition.IsEnd && isMeant(definition) && await Revoke(workflowId, node.Node, definition, reason, end).ConfigureAwait(false))
                    Volatile.Write(ref isOver, value: true);
            }).ConfigureAwait(false);
        }

        return isOver;
    }

    private async Task<bool> Revoke(Guid workflowId, int node, NodeDefinition definition, string reason, CancellationToken cancellationToken)
    {
        // The run says so itself, once it has ended.
        if (definition.Kind == NodeKind.Call)
            await starter.Revoke(workflowId, node, definition, reason, cancellationToken).ConfigureAwait(false);
        return definition.Kind != NodeKind.Call
            && await End(workflowId, node, Revoked(workflowId, definition, reason), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> End(Guid workflowId, Ended first, int? carriesOnTo, CancellationToken cancellationToken)
    {
        var isOver = false;
        var ends = new ConcurrentQueue<Ended>([first]);
        while (ends.TryDequeue(out var ended))
        {
            NodeEnding? ending;
            do
            {
                ending = await Nodes.End(workflowId, ended.Node, ended.End, cancellationToken).ConfigureAwait(false);
                isOver |= ending is not null && await Follow(workflowId, ending.Open, ends, carriesOnTo, cancellationToken).ConfigureAwait(false);
            }
            while (ending?.IsMore == true);

            if (ended.EndsOthers)
                isOver |= await Revoke(workflowId, node => node.Within?.Contains(ended.Node) == true, "Another one in its group has failed.", cancellationToken).ConfigureAwait(false);
        }

        return isOver;
    }

    /// <returns>Whether the workflow is over.</returns>
    private async Task<bool> Follow(Guid workflowId, IReadOnlyList<OpenNode> opened, ConcurrentQueue<Ended> ends, int? carriesOnTo, CancellationToken cancellationToken)
    {
        // What has stopped, a message that comes to it leaves alone.
        var moves = opened
            .Where(node => node.Node != carriesOnTo || node.IsStopped)
            .Select(node => (Open: node, Definition: NodeDefinition.Read(node.Definition)))
            .Select(node => (node.Open.Node, node.Definition, Move: NodeMoves.Of(node.Definition, node.Open.Waits, node.Open.Failures, node.Open.IsStopped)))
            .ToLookup(node => node.Move == NodeMove.End);
        await Parallel.ForEachAsync(moves[false], new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (node, end) =>
        {
            if (await Do(workflowId, node.Node, node.Definition, node.Move, startsAlone: false, end).ConfigureAwait(false) is { } ended)
                ends.Enqueue(ended);
        }).ConfigureAwait(false);
        return moves[true].Any();
    }

    /// <returns>Its end, if it ends by that.</returns>
    private async Task<Ended?> Do(Guid workflowId, int node, NodeDefinition definition, NodeMove move, bool startsAlone, CancellationToken cancellationToken)
    {
        var end = move switch
        {
            NodeMove.Pass => new NodeEnd(TaskState.Succeeded),
            NodeMove.PassIfReached => (await results.FailureAmong(workflowId, definition.Behind ?? [], cancellationToken).ConfigureAwait(false))?.ToEnd(TaskState.Failed) ?? new NodeEnd(TaskState.Succeeded),
            NodeMove.Fail => (await results.FailureBefore(workflowId, node, cancellationToken).ConfigureAwait(false)).ToEnd(TaskState.Failed),
            NodeMove.Skip => (await results.FailureBefore(workflowId, node, cancellationToken).ConfigureAwait(false)).ToEnd(TaskState.Revoked),
            NodeMove.Abandon => Revoked(workflowId, definition, "Its workflow, or its group, had ended when its turn came."),
            NodeMove.AwaitSignal => await alarms.AwaitSignal(workflowId, node, definition, cancellationToken).ConfigureAwait(false),
            NodeMove.AwaitInstant => await alarms.AwaitInstant(workflowId, node, definition, cancellationToken).ConfigureAwait(false),
            _ when startsAlone => await starter.StartAlone(workflowId, node, definition, cancellationToken).ConfigureAwait(false),
            _ => await starter.Start(workflowId, node, definition, cancellationToken).ConfigureAwait(false),
        };
        return end is null ? null : new Ended(node, end, EndsOthers: move == NodeMove.Fail && definition.Policy == FailurePolicy.FailFast);
    }

    private static NodeEnd Revoked(Guid workflowId, NodeDefinition definition, string reason) => new StepFailure(workflowId, definition.Name, TaskState.Revoked, Reason: reason).ToEnd();

    private sealed record Ended(int Node, NodeEnd End, bool EndsOthers = false);
}
