using TasksBus.Configuration;
using TasksBus.Queues;
using TasksBus.Transport;

namespace TasksBus.Client;

/// <summary>Finds the options of tasks that callers want to run, also of those that only other processes have registered. Safe to share between threads.</summary>
internal sealed class TaskFinder(TaskCatalogue catalogue, Foundation foundation, QueueBus bus)
{
    private readonly UnregisteredTasks _unregistered = new(catalogue.Options);

    /// <summary>The options of a task by the type of its arguments.</summary>
    /// <exception cref="UnknownTaskException">It is not registered, and there is no other process that could have a handler for it.</exception>
    public TaskOptions OptionsOf(Type arguments)
    {
        if (catalogue.Find(arguments) is { } known)
            return known.Options;
        if (bus.Transport.IsShared)
            return _unregistered.OptionsOf(arguments);
        var name = TaskName.Of(arguments);
        throw new UnknownTaskException(
            $"Task '{name}' is not registered, and its runs wait in the memory of this process, where no other could take them.{NearMiss.For(name, catalogue.Tasks.Select(task => task.Name))} " +
            "Register it with AddTask, or share the queue with its workers by UseRabbitMq.");
    }

    /// <summary>The options of a task by its name.</summary>
    /// <exception cref="UnknownTaskException">Nobody has registered the task.</exception>
    public async ValueTask<TaskOptions> OptionsOf(string taskName, RunOptions? options, CancellationToken cancellationToken)
    {
        if (catalogue.Find(taskName) is { } known)
            return known.Options;
        if ((options?.Queue ?? QueueRules.RouteFor(taskName, catalogue.Options)) is { } queue)
            return new TaskOptions { Name = taskName, Queue = queue };

        var announced = await foundation.Directory.List(cancellationToken).ConfigureAwait(false);
        if (announced.FirstOrDefault(task => string.Equals(task.TaskName, taskName, StringComparison.Ordinal)) is { } task)
            return new TaskOptions { Name = taskName, Queue = task.Queue };

        var names = catalogue.Tasks.Select(registered => registered.Name).Concat(announced.Select(listing => listing.TaskName));
        throw new UnknownTaskException(
            $"Nobody has registered a task '{taskName}', neither this process nor a worker.{NearMiss.For(taskName, names)} " +
            $"Start its worker once, or name its queue in {nameof(RunOptions)}.{nameof(RunOptions.Queue)}.");
    }
}
