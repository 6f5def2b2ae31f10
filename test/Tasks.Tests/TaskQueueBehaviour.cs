using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Tests;

/// <summary>What a task queue does, whatever it stands on; each part beside the other tests of its room.</summary>
public abstract partial class TaskQueueBehaviour
{
    /// <summary>Says what the task queue stands on.</summary>
    protected abstract void UseServers(ITaskQueueBuilder queue);

    private Task<TaskQueueFixture> Start(Action<ITaskQueueBuilder> configure, Action<IServiceCollection>? services = null) =>
        TaskQueueFixture.Start(
            queue =>
            {
                UseServers(queue);
                configure(queue);
            },
            services);

    /// <summary>Starts a task queue whose one handler does <see cref="Work"/>.</summary>
    private Task<TaskQueueFixture> StartWork(Func<TaskContext, Task> handler, Action<TaskOptions>? configure = null) =>
        Start(queue => queue.AddTask((Work _, TaskContext context) => handler(context), configure));

    /// <summary>Starts a task queue whose one handler answers <see cref="Ask"/>.</summary>
    private Task<TaskQueueFixture> StartAsk(Func<TaskContext, Task<string?>> handler, Action<TaskOptions>? configure = null) =>
        Start(queue => queue.AddTask((Ask _, TaskContext context) => handler(context), configure));
}
