using TasksBus.Configuration;

namespace TasksBus.Tests.Servers;

/// <summary>Puts task queues on RabbitMQ and Redis, and deletes what they have declared there.</summary>
internal sealed class UsedServers : IAsyncDisposable
{
    private readonly List<(string Prefix, string[] Queues)> _used = [];

    public void Use(ITaskQueueBuilder queue)
    {
        RealServers.Use(queue);
        queue.Configure(options => _used.Add((options.Prefix, [options.DefaultQueue, .. options.Queues])));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (prefix, queues) in _used)
            await RealServers.DeleteQueues(prefix, queues);
    }
}
