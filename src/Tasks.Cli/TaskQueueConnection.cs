using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Cli;

/// <summary>Looks into a task queue from outside, without taking part in it. The one place where the command line meets the engine and its store.</summary>
internal sealed class TaskQueueConnection : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    /// <summary>Prepares; connects when something is asked.</summary>
    /// <param name="redis">As for <c>UseRedis</c>.</param>
    /// <param name="partitions">As for <c>UseRedis</c>.</param>
    /// <param name="prefix">As in <see cref="TaskQueueOptions.Prefix"/>.</param>
    /// <exception cref="TaskQueueConfigurationException">One of them cannot be used.</exception>
    public TaskQueueConnection(string redis, int partitions, string prefix)
    {
        _services = new ServiceCollection().AddLogging()
            .AddTaskQueue(queue => queue.Configure(options => (options.Prefix, options.IsWorker) = (prefix, false)).UseRedis(redis, partitions))
            .BuildServiceProvider();
        Monitor = _services.GetRequiredService<ITaskMonitor>();
        Queues = _services.GetRequiredService<ITaskQueues>();
    }

    /// <summary>Lists and counts.</summary>
    public ITaskMonitor Monitor { get; }

    /// <summary>Knows which queues there are.</summary>
    public ITaskQueues Queues { get; }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
