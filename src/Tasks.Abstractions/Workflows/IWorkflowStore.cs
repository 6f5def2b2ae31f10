namespace TasksBus.Workflows;

/// <summary>
/// Keeps the nodes of workflows, each workflow once, and counts which of them have ended. What every implementation must do is a conformance suite,
/// run against each. Safe to share between threads.
/// </summary>
/// <remarks>A node is open from when all that it waits for has ended until it ends itself. What follows from an end is the caller's to decide.</remarks>
public interface IWorkflowStore
{
    /// <summary>How long the nodes of a workflow are kept before <see cref="Keep"/> is called for the first time: who writes them may die before anybody else knows of them.</summary>
    static TimeSpan LifetimeUntilKept => TimeSpan.FromHours(1);

    /// <summary>
    /// Writes nodes, and whether they are open. Of nodes that are there, those that come without the nodes that wait for them are written anew, as if they had never ended; those
    /// with them are left as they are, so that a workflow that is submitted twice, even at once, is one. The first ones of a workflow are forgotten after
    /// <see cref="LifetimeUntilKept"/>, unless somebody says how long to keep them.
    /// </summary>
    ValueTask Write(Guid workflowId, IReadOnlyCollection<NodeWrite> nodes, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends a node, unless it has ended, and counts that at the nodes that wait for it: each node once, however often this is called. One round trip.
    /// </summary>
    /// <remarks>A node for which very many wait is counted in parts: as long as the answer says that there is more, the call must be made again.</remarks>
    /// <returns>What may go on; of a node that had ended before, what is still open. Null: nothing is known of the node.</returns>
    ValueTask<NodeEnding?> End(Guid workflowId, int node, NodeEnd end, CancellationToken cancellationToken = default);

    /// <summary>Nodes as they are now, in the order of the numbers; unknown ones are left out. One round trip.</summary>
    ValueTask<IReadOnlyList<StoredNode>> Read(Guid workflowId, IReadOnlyCollection<int> nodes, CancellationToken cancellationToken = default);

    /// <summary>The numbers of open nodes that come after one, lowest first, at most so many.</summary>
    ValueTask<IReadOnlyList<int>> ListOpen(Guid workflowId, int after, int limit, CancellationToken cancellationToken = default);

    /// <summary>How many nodes there are, and how many of them have ended.</summary>
    ValueTask<NodeCount> Count(Guid workflowId, CancellationToken cancellationToken = default);

    /// <summary>Keeps when a node is due, unless that is known already.</summary>
    /// <returns>When it is due.</returns>
    ValueTask<DateTimeOffset> SetDue(Guid workflowId, int node, DateTimeOffset dueAt, CancellationToken cancellationToken = default);

    /// <summary>Keeps what somebody gives to a node, which may not be open yet.</summary>
    /// <returns>Whether it is kept; false: the node has ended, or was given something before.</returns>
    ValueTask<bool> Give(Guid workflowId, int node, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default);

    /// <summary>Takes numbers for nodes that are to be added, unless they were under the same name.</summary>
    /// <returns>The first of them; null if nothing is known of the workflow.</returns>
    ValueTask<NodeReservation?> Reserve(Guid workflowId, string name, int count, CancellationToken cancellationToken = default);

    /// <summary>Opens a node that was added, and lets a join that has not ended wait for another one more, which comes last in its list. Of one name, the first that is added stays.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="name">What is added: a second addition of the name changes nothing.</param>
    /// <param name="while">Only while this node is open.</param>
    /// <param name="join">The join.</param>
    /// <param name="first">The node to open.</param>
    /// <param name="last">The node that the join is to wait for.</param>
    /// <param name="cancellationToken">Ends the call; the node may then be added or not.</param>
    /// <returns>The first node of what is added under that name, now or before; null if nothing is.</returns>
    ValueTask<int?> Add(Guid workflowId, string name, int @while, int join, int first, int last, CancellationToken cancellationToken = default);

    /// <summary>Says whether the workflow is stopped: nodes open and end as before, but are shown as those that are not to begin any more. Of an unknown workflow it is not kept.</summary>
    ValueTask SetStopped(Guid workflowId, bool isStopped, CancellationToken cancellationToken = default);

    /// <summary>Says how long the nodes of a workflow are kept from now; null: for good.</summary>
    ValueTask Keep(Guid workflowId, TimeSpan? lifetime, CancellationToken cancellationToken = default);

    /// <summary>Calls back with the number of each node that ends, until disposed; with a negative one when ends may have been missed. Established when this returns.</summary>
    ValueTask<IAsyncDisposable> Watch(Guid workflowId, Action<int> onEnd, CancellationToken cancellationToken = default);
}

/// <summary>Numbers of nodes that are added to a workflow.</summary>
/// <param name="First">The first of them.</param>
/// <param name="IsAdded">Whether they are of nodes that were added before.</param>
public readonly record struct NodeReservation(int First, bool IsAdded);

/// <summary>A node to write.</summary>
/// <param name="Node">Its number.</param>
/// <param name="Definition">What it is; null: what is stored.</param>
/// <param name="Waits">For how many others it waits.</param>
/// <param name="Before">The nodes that wait for it; null: those that are stored, and it is written anew.</param>
/// <param name="IsOpen">Whether it is open.</param>
/// <param name="IsHasty">Whether it becomes open already with the first before it that has not succeeded.</param>
/// <param name="StopsWith">The nodes with the end of any of which it is not to begin any more; null: those that are stored.</param>
/// <param name="KeepsGiven">Whether it keeps what it was given when it is written anew.</param>
public sealed record NodeWrite(int Node, ReadOnlyMemory<byte>? Definition, int Waits, NodeRanges? Before, bool IsOpen = false, bool IsHasty = false, NodeRanges? StopsWith = null, bool KeepsGiven = false);

/// <summary>How a node ended.</summary>
/// <param name="State">A final state.</param>
/// <param name="Result">Its result, if it has one of its own.</param>
/// <param name="Failure">Why it did not succeed.</param>
public sealed record NodeEnd(TaskState State, ReadOnlyMemory<byte>? Result = null, ReadOnlyMemory<byte>? Failure = null);

/// <summary>The answer to an end.</summary>
/// <param name="IsFirst">Whether the node had not ended before.</param>
/// <param name="State">How it ended: when it had before, how it did then.</param>
/// <param name="IsMore">Whether the end is not yet counted everywhere.</param>
/// <param name="Open">Nodes that wait for it and are open.</param>
public sealed record NodeEnding(bool IsFirst, TaskState State, bool IsMore, IReadOnlyList<OpenNode> Open);

/// <summary>A node that is open.</summary>
/// <param name="Node">Its number.</param>
/// <param name="Waits">For how many others it still waits: a hasty one for more than none.</param>
/// <param name="Failures">How many of those that it waited for have not succeeded.</param>
/// <param name="Definition">What it is.</param>
/// <param name="IsStopped">Whether it is not to begin any more: the workflow is stopped, or a node has ended with which it stops.</param>
public sealed record OpenNode(int Node, int Waits, int Failures, ReadOnlyMemory<byte> Definition, bool IsStopped = false);

/// <summary>A node as it is stored.</summary>
/// <param name="Node">Its number.</param>
/// <param name="Definition">What it is.</param>
/// <param name="Waits">For how many others it still waits.</param>
/// <param name="Failures">How many of those that it waited for have not succeeded.</param>
/// <param name="End">How it ended; null if it has not.</param>
/// <param name="Added">The nodes that it waits for besides those of its definition.</param>
/// <param name="Given">What somebody gave to it.</param>
/// <param name="IsStopped">Whether it is not to begin any more, as of <see cref="OpenNode"/>.</param>
public sealed record StoredNode(int Node, ReadOnlyMemory<byte> Definition, int Waits, int Failures, NodeEnd? End, NodeRanges Added, ReadOnlyMemory<byte>? Given, bool IsStopped = false);

/// <summary>How far the nodes of a workflow are.</summary>
/// <param name="Nodes">How many there are; 0 if nothing is known of the workflow.</param>
/// <param name="Ended">How many have ended.</param>
public readonly record struct NodeCount(int Nodes, int Ended);
