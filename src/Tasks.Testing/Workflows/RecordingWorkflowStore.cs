using TasksBus.Workflows;

namespace TasksBus.Testing;

/// <summary>The in-memory store of workflows, which knows the open nodes that do not wait for the test or the clock. Safe to share between threads.</summary>
internal sealed class RecordingWorkflowStore(IWorkflowStore store, RunRecorder recorder) : IWorkflowStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Guid WorkflowId, int Node), MovingNode> _moving = [];

    /// <summary>Those nodes.</summary>
    public IReadOnlyList<MovingNode> Moving
    {
        get
        {
            lock (_gate)
                return [.. _moving.Values];
        }
    }

    public ValueTask Write(Guid workflowId, IReadOnlyCollection<NodeWrite> nodes, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var written = store.Write(workflowId, nodes, cancellationToken);
            foreach (var node in nodes)
                _moving.Remove((workflowId, node.Node));
            Open(workflowId, [.. nodes.Where(node => node.IsOpen).Select(node => node.Node)]);
            return written;
        }
    }

    public ValueTask<NodeEnding?> End(Guid workflowId, int node, NodeEnd end, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var ending = AtOnce(store.End(workflowId, node, end, cancellationToken));
            if (ending?.IsMore == false)
                _moving.Remove((workflowId, node));
            Open(workflowId, [.. ending?.Open.Select(open => open.Node) ?? []]);
            return ValueTask.FromResult(ending);
        }
    }

    public ValueTask<int?> Add(Guid workflowId, string name, int @while, int join, int first, int last, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var added = AtOnce(store.Add(workflowId, name, @while, join, first, last, cancellationToken));
            if (added == first)
                Open(workflowId, [first]);
            return ValueTask.FromResult(added);
        }
    }

    /// <remarks>It waits for the clock now.</remarks>
    public ValueTask<DateTimeOffset> SetDue(Guid workflowId, int node, DateTimeOffset dueAt, CancellationToken cancellationToken = default)
    {
        lock (_gate)
            _moving.Remove((workflowId, node));
        return store.SetDue(workflowId, node, dueAt, cancellationToken);
    }

    public ValueTask<IReadOnlyList<StoredNode>> Read(Guid workflowId, IReadOnlyCollection<int> nodes, CancellationToken cancellationToken = default) => store.Read(workflowId, nodes, cancellationToken);

    public ValueTask<IReadOnlyList<int>> ListOpen(Guid workflowId, int after, int limit, CancellationToken cancellationToken = default) => store.ListOpen(workflowId, after, limit, cancellationToken);

    public ValueTask<NodeCount> Count(Guid workflowId, CancellationToken cancellationToken = default) => store.Count(workflowId, cancellationToken);

    public ValueTask<bool> Give(Guid workflowId, int node, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default) => store.Give(workflowId, node, value, cancellationToken);

    public ValueTask<NodeReservation?> Reserve(Guid workflowId, string name, int count, CancellationToken cancellationToken = default) => store.Reserve(workflowId, name, count, cancellationToken);

    public ValueTask SetStopped(Guid workflowId, bool isStopped, CancellationToken cancellationToken = default) => store.SetStopped(workflowId, isStopped, cancellationToken);

    public ValueTask Keep(Guid workflowId, TimeSpan? lifetime, CancellationToken cancellationToken = default) => store.Keep(workflowId, lifetime, cancellationToken);

    public ValueTask<IAsyncDisposable> Watch(Guid workflowId, Action<int> onEnd, CancellationToken cancellationToken = default) => store.Watch(workflowId, onEnd, cancellationToken);

    private void Open(Guid workflowId, IReadOnlyCollection<int> nodes)
    {
        foreach (var node in AtOnce(store.Read(workflowId, nodes)))
        {
            var definition = NodeDefinition.Read(node.Definition);
            if (definition is not { Kind: NodeKind.Signal, Timeout: null })
                _moving[(workflowId, node.Node)] = new MovingNode(workflowId, TimeProvider.System.GetTimestamp(), definition.IsEnd, definition.Kind == NodeKind.Call ? WorkflowIds.RunOf(workflowId, node.Node) : null);
        }

        recorder.ShowLife();
    }

    private static T AtOnce<T>(ValueTask<T> answer) =>
        answer.IsCompletedSuccessfully ? answer.Result : throw new InvalidOperationException("The in-memory store did not answer at once.");
}

/// <summary>An open node.</summary>
/// <param name="WorkflowId">Its workflow.</param>
/// <param name="Since">Since when it is open, in real time.</param>
/// <param name="IsEnd">Whether the workflow ends with it.</param>
/// <param name="RunId">Its run, if it is a call.</param>
internal sealed record MovingNode(Guid WorkflowId, long Since, bool IsEnd, Guid? RunId);
