using System.Collections.Frozen;

namespace TasksBus.Configuration;

/// <summary>Every task and queue that this process knows, with its options settled. Does not change.</summary>
internal sealed class TaskCatalogue
{
    private readonly FrozenDictionary<string, TaskRegistration> _byName;
    private readonly FrozenDictionary<Type, TaskRegistration> _byArguments;

    public TaskCatalogue(TaskQueueOptions options, IReadOnlyCollection<TaskRegistration> tasks)
    {
        Options = options;
        Tasks = tasks;
        _byArguments = tasks.ToFrozenDictionary(task => task.ArgumentsType);

        // Whoever publishes a RunTask<T> knows the type but not the name that our options may have given it.
        _byName = tasks.Select(task => KeyValuePair.Create(task.Name, task))
            .Concat(tasks.Select(task => KeyValuePair.Create(TaskName.Of(task.ArgumentsType), task)))
            .DistinctBy(entry => entry.Key, StringComparer.Ordinal)
            .ToFrozenDictionary(StringComparer.Ordinal);
        HandledQueues = tasks.Where(task => task.Invoker is not null).Select(task => task.Queue).ToFrozenSet(StringComparer.Ordinal);
        Queues = tasks.Select(task => task.Queue).Concat(options.Queues).Append(options.DefaultQueue).ToFrozenSet(StringComparer.Ordinal);
    }

    public TaskQueueOptions Options { get; }

    public IReadOnlyCollection<TaskRegistration> Tasks { get; }

    /// <summary>Every queue to which this process may submit.</summary>
    public FrozenSet<string> Queues { get; }

    /// <summary>The queues of the tasks that this process has handlers for.</summary>
    public FrozenSet<string> HandledQueues { get; }

    public TaskRegistration? Find(string taskName) => _byName.GetValueOrDefault(taskName);

    public TaskRegistration? Find(Type arguments) => _byArguments.GetValueOrDefault(arguments);

    /// <summary>The queue of a task; the default one if this process does not know it.</summary>
    public string QueueOf(string taskName) => Find(taskName)?.Queue ?? Options.DefaultQueue;

    /// <summary>The options of a task; the defaults under its name if this process does not know it.</summary>
    public TaskOptions OptionsOf(string taskName) =>
        Find(taskName)?.Options ?? new TaskOptions { Name = taskName };
}
