using System.Collections.Concurrent;

using TasksBus.Workflows;

namespace TasksBus.InMemory;

/// <summary>Keeps the nodes of workflows in this process; they end with it. Safe to share between threads.</summary>
/// <param name="time">The clock of lifetimes.</param>
internal sealed class InMemoryWorkflowStore(TimeProvider time) : IWorkflowStore
{
    /// <summary>How many nodes one call counts.</summary>
    private const int PageSize = 500;

    private readonly ConcurrentDictionary<Guid, InMemoryWorkflow> _workflows = new();

    public ValueTask Write(Guid workflowId, IReadOnlyCollection<NodeWrite> nodes, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var workflow = _workflows.AddOrUpdate(
            workflowId,
            static (_, fresh) => fresh.Workflow,
            static (_, known, fresh) => known.ExpiresAt <= fresh.Now ? fresh.Workflow : known,
            (Workflow: new InMemoryWorkflow { ExpiresAt = now + IWorkflowStore.LifetimeUntilKept }, Now: now));
        lock (workflow)
        {
            foreach (var node in nodes)
                workflow.Write(node);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<NodeEnding?> End(Guid workflowId, int node, NodeEnd end, CancellationToken cancellationToken = default)
    {
        if (Find(workflowId) is not { } workflow)
            return default;
        NodeEnding? ending;
        lock (workflow)
            ending = workflow.End(node, end, PageSize);
        if (ending?.IsFirst == true)
            workflow.Watchers.Call(node);
        return ValueTask.FromResult(ending);
    }

    public ValueTask<IReadOnlyList<StoredNode>> Read(Guid workflowId, IReadOnlyCollection<int> nodes, CancellationToken cancellationToken = default) =>
        Ask<IReadOnlyList<StoredNode>>(workflowId, workflow => [.. nodes.Select(workflow.Read).OfType<StoredNode>()], []);

    public ValueTask<IReadOnlyList<int>> ListOpen(Guid workflowId, int after, int limit, CancellationToken cancellationToken = default) =>
        Ask<IReadOnlyList<int>>(workflowId, workflow => [.. workflow.OpenAfter(after).Take(limit)], []);

    public ValueTask<NodeCount> Count(Guid workflowId, CancellationToken cancellationToken = default) =>
        Ask(workflowId, workflow => workflow.Count, default);

    public ValueTask<DateTimeOffset> SetDue(Guid workflowId, int node, DateTimeOffset dueAt, CancellationToken cancellationToken = default) =>
        Ask(workflowId, workflow => workflow.SetDue(node, dueAt), dueAt);

    public ValueTask<bool> Give(Guid workflowId, int node, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default) =>
        Ask(workflowId, workflow => workflow.Give(node, value), unknown: false);

    public ValueTask<NodeReservation?> Reserve(Guid workflowId, string name, int count, CancellationToken cancellationToken = default) =>
        Ask<NodeReservation?>(workflowId, workflow => workflow.Reserve(name, count), unknown: null);

    public ValueTask<int?> Add(Guid workflowId, string name, int @while, int join, int first, int last, CancellationToken cancellationToken = default) =>
        Ask(workflowId, workflow => workflow.Add(name, @while, join, first, last), unknown: null);

    public ValueTask SetStopped(Guid workflowId, bool isStopped, CancellationToken cancellationToken = default)
    {
        if (Find(workflowId) is { } workflow)
        {
            lock (workflow)
                workflow.IsStopped = isStopped;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask Keep(Guid workflowId, TimeSpan? lifetime, CancellationToken cancellationToken = default)
    {
        if (Find(workflowId) is { } workflow)
            workflow.ExpiresAt = time.GetUtcNow() + lifetime;
        foreach (var (id, other) in _workflows)
        {
            if (IsOver(other))
                _workflows.TryRemove(KeyValuePair.Create(id, other));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IAsyncDisposable> Watch(Guid workflowId, Action<int> onEnd, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult((Find(workflowId) ?? new InMemoryWorkflow()).Watchers.Add(onEnd));

    private InMemoryWorkflow? Find(Guid workflowId) =>
        _workflows.TryGetValue(workflowId, out var workflow) && !IsOver(workflow) ? workflow : null;

    private bool IsOver(InMemoryWorkflow workflow) => workflow.ExpiresAt <= time.GetUtcNow();

    private ValueTask<T> Ask<T>(Guid workflowId, Func<InMemoryWorkflow, T> ask, T unknown)
    {
        if (Find(workflowId) is not { } workflow)
            return ValueTask.FromResult(unknown);
        lock (workflow)
            return ValueTask.FromResult(ask(workflow));
    }
}
