using TasksBus.Configuration;
using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Schedules;

/// <summary>Schedules in Redis, whose runs go over RabbitMQ.</summary>
public sealed class RealServersScheduleTests : ScheduleBehaviour, IAsyncLifetime
{
    private readonly UsedServers _servers = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _servers.DisposeAsync().AsTask();

    protected override void UseServers(ITaskQueueBuilder queue) => _servers.Use(queue);
}
