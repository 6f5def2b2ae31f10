using TasksBus.Configuration;

namespace TasksBus.Tests.Servers;

/// <summary>The task queue on RabbitMQ and Redis.</summary>
public sealed class RealServersTaskQueueTests : TaskQueueBehaviour, IAsyncLifetime
{
    private readonly List<(string Prefix, string[] Queues)> _used = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var (prefix, queues) in _used)
            await RealServers.DeleteQueues(prefix, queues);
    }

    protected override void UseServers(ITaskQueueBuilder queue)
    {
        RealServers.Use(queue);
        queue.Configure(options => _used.Add((options.Prefix, [options.DefaultQueue, .. options.Queues])));
    }
}
