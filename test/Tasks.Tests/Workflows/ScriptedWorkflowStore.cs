using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.InMemory;
using TasksBus.Testing;
using TasksBus.Tests.Testing;
using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>Keeps nodes in memory, and does what a test wants besides.</summary>
internal sealed class ScriptedWorkflowStore(TimeProvider clock) : IWorkflowStore
{
    /// <summary>How many nodes it writes at a time, as Redis does.</summary>
    private const int PageSize = 500;

    private readonly InMemoryWorkflowStore _store = new(clock);

    /// <summary>Called before a page of nodes is written.</summary>
    public Action? Writing { get; set; }

    /// <summary>Awaited before nodes are counted.</summary>
    public Func<Task>? Counting { get; set; }

    /// <summary>Called before open nodes are listed.</summary>
    public Action? Listing { get; set; }

    /// <summary>Called before the end of a node is kept.</summary>
    public Action<int>? Ending { get; set; }

    /// <summary>Called before it is said how long the nodes of a workflow are kept.</summary>
    public Action? Keeping { get; set; }

    /// <summary>Which open nodes a list leaves out.</summary>
    public Predicate<int>? IsMissed { get; set; }

    /// <summary>Starts a harness on such a store.</summary>
    public static async Task<(HarnessFixture Fixture, ScriptedWorkflowStore Store)> StartHarness(Action<ITaskQueueBuilder> configure)
    {
        var services = new ServiceCollection().AddTaskQueueTestHarness(configure);
        services.AddSingleton(provider => new ScriptedWorkflowStore(provider.GetRequiredService<TestClock>()));
        services.AddSingleton(provider => new RecordingWorkflowStore(provider.GetRequiredService<ScriptedWorkflowStore>(), provider.GetRequiredService<RunRecorder>()));
        var fixture = new HarnessFixture(services.BuildServiceProvider(validateScopes: true));
        await fixture.Harness.Start();
        return (fixture, fixture.Services.GetRequiredService<ScriptedWorkflowStore>());
    }

    public async ValueTask Write(Guid workflowId, IReadOnlyCollection<NodeWrite> nodes, CancellationToken cancellationToken = default)
    {
        foreach (var page in nodes.Chunk(PageSize))
        {
            Writing?.Invoke();
            await _store.Write(workflowId, page, cancellationToken);
        }
    }

    public ValueTask<NodeEnding?> End(Guid workflowId, int node, NodeEnd end, CancellationToken cancellationToken = default)
    {
        Ending?.Invoke(node);
        return _store.End(workflowId, node, end, cancellationToken);
    }

    public ValueTask<IReadOnlyList<StoredNode>> Read(Guid workflowId, IReadOnlyCollection<int> nodes, CancellationToken cancellationToken = default) => _store.Read(workflowId, nodes, cancellationToken);

    public async ValueTask<IReadOnlyList<int>> ListOpen(Guid workflowId, int after, int limit, CancellationToken cancellationToken = default)
    {
        Listing?.Invoke();
        return [.. (await _store.ListOpen(workflowId, after, limit, cancellationToken)).Where(node => IsMissed?.Invoke(node) != true)];
    }

    public async ValueTask<NodeCount> Count(Guid workflowId, CancellationToken cancellationToken = default)
    {
        await (Counting?.Invoke() ?? Task.CompletedTask);
        return await _store.Count(workflowId, cancellationToken);
    }

    public ValueTask<DateTimeOffset> SetDue(Guid workflowId, int node, DateTimeOffset dueAt, CancellationToken cancellationToken = default) => _store.SetDue(workflowId, node, dueAt, cancellationToken);

    public ValueTask<bool> Give(Guid workflowId, int node, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default) => _store.Give(workflowId, node, value, cancellationToken);

    public ValueTask<NodeReservation?> Reserve(Guid workflowId, string name, int count, CancellationToken cancellationToken = default) => _store.Reserve(workflowId, name, count, cancellationToken);

    public ValueTask<int?> Add(Guid workflowId, string name, int @while, int join, int first, int last, CancellationToken cancellationToken = default) =>
        _store.Add(workflowId, name, @while, join, first, last, cancellationToken);

    public ValueTask SetStopped(Guid workflowId, bool isStopped, CancellationToken cancellationToken = default) => _store.SetStopped(workflowId, isStopped, cancellationToken);

    public ValueTask Keep(Guid workflowId, TimeSpan? lifetime, CancellationToken cancellationToken = default)
    {
        Keeping?.Invoke();
        return _store.Keep(workflowId, lifetime, cancellationToken);
    }

    public ValueTask<IAsyncDisposable> Watch(Guid workflowId, Action<int> onEnd, CancellationToken cancellationToken = default) => _store.Watch(workflowId, onEnd, cancellationToken);
}
