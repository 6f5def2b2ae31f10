using TasksBus.InMemory;
using TasksBus.Storage;
using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

public sealed class InMemoryWorkflowStoreTests : WorkflowStoreConformance
{
    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<IWorkflowStore> Start() => Task.FromResult<IWorkflowStore>(new InMemoryWorkflowStore(TimeProvider.System));
}

/// <summary>Needs a Redis; <c>TASKSBUS_REDIS</c> says where, 127.0.0.1:6379 if it is not set.</summary>
public sealed class RedisWorkflowStoreTests : WorkflowStoreConformance
{
    private readonly RedisConnection _connection = new(Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379");

    public override async Task DisposeAsync() => await _connection.DisposeAsync();

    protected override Task<IWorkflowStore> Start() => Task.FromResult<IWorkflowStore>(new RedisWorkflowStore(_connection, $"test-{Guid.NewGuid():N}", partitions: 1));
}
