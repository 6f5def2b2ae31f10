using Microsoft.Extensions.Time.Testing;

using TasksBus.InMemory;
using TasksBus.Storage;
using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

public sealed class InMemoryWorkflowStoreTests : WorkflowStoreConformance
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IWorkflowStore> Start() => Task.FromResult<IWorkflowStore>(new InMemoryWorkflowStore(_clock));

    protected override async Task<bool> IsKept(Guid workflowId, TimeSpan time)
    {
        _clock.Advance(time);
        return (await Store.Count(workflowId)).Nodes > 0;
    }
}

/// <summary>Needs a Redis; <c>TASKSBUS_REDIS</c> says where, 127.0.0.1:6379 if it is not set.</summary>
public sealed class RedisWorkflowStoreTests : WorkflowStoreConformance
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly RedisConnection _connection = new(Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379");

    public override async Task DisposeAsync() => await _connection.DisposeAsync();

    protected override Task<IWorkflowStore> Start() => Task.FromResult<IWorkflowStore>(new RedisWorkflowStore(_connection, _prefix, partitions: 1));

    /// <remarks>Nobody can wait for that long, so Redis is asked how long it means to keep both keys.</remarks>
    protected override async Task<bool> IsKept(Guid workflowId, TimeSpan time)
    {
        var (partition, redis) = (new RedisKeys(_prefix, "workflow", partitions: 1).Of(workflowId), (await _connection.Open(CancellationToken.None)).GetDatabase());
        var left = await Task.WhenAll(redis.KeyTimeToLiveAsync(partition.Nodes(workflowId)), redis.KeyTimeToLiveAsync(partition.OpenNodes(workflowId)));
        return left.All(one => one is null || one > time);
    }
}
