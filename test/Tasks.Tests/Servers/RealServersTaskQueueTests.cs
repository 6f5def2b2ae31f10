using TasksBus.Configuration;

namespace TasksBus.Tests.Servers;

/// <summary>The task queue on RabbitMQ and Redis.</summary>
public sealed class RealServersTaskQueueTests : TaskQueueBehaviour, IAsyncLifetime
{
    private readonly UsedServers _servers = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _servers.DisposeAsync().AsTask();

    protected override void UseServers(ITaskQueueBuilder queue) => _servers.Use(queue);
}
