using System.Collections.Frozen;

using TasksBus.Queues;

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
        var used = tasks.Select(task => task.Queue).Concat(options.Queues).Concat(options.Routes.Select(route => route.Queue)).Append(options.DefaultQueue).ToFrozenSet(StringComparer.Ordinal);
        Queues = used.Concat(options.PerQueue.Keys).ToFrozenSet(StringComparer.Ordinal);
        IdleSettings = [.. options.PerQueue.Keys.Where(queue => !used.Contains(queue)).Order(StringComparer.Ordinal)];
        ReadQueues = Read(tasks.Where(task => task.Invoker is not null).Select(task => task.Queue));
        OwnQueues = Read(Queues);

        FrozenSet<string> Read(IEnumerable<string> all) =>
            (options.ReadQueues.Count > 0 ? options.ReadQueues : all).Except(options.SkipQueues, StringComparer.Ordinal).ToFrozenSet(StringComparer.Ordinal);
    }

    public TaskQueueOptions Options { get; }

    public IReadOnlyCollection<TaskRegistration> Tasks { get; }

    /// <summary>Every queue to which this process may submit.</summary>
    public FrozenSet<string> Queues { get; }

    /// <summary>The queues that only <see cref="TaskQueueOptions.PerQueue"/> names.</summary>
    public IReadOnlyList<string> IdleSettings { get; }

    /// <summary>The queues that this worker reads by its options: unless they say otherwise, those of the tasks that it has handlers for.</summary>
    public FrozenSet<string> ReadQueues { get; }

    /// <summary>The same for a process that is all there is: unless the options say otherwise, every queue.</summary>
    public FrozenSet<string> OwnQueues { get; }

    public TaskRegistration? Find(string taskName) => _byName.GetValueOrDefault(taskName);

    public TaskRegistration? Find(Type arguments) => _byArguments.GetValueOrDefault(arguments);

    /// <summary>What the task of a type of arguments is called.</summary>
    public string NameOf(Type arguments) => Find(arguments)?.Name ?? TaskName.Of(arguments);

    /// <summary>The queue of a task; what the routes say if this process does not know it.</summary>
    public string QueueOf(string taskName) => Find(taskName)?.Queue ?? QueueRules.QueueFor(taskName, Options);

    /// <summary>How many runs of a queue this worker runs at a time.</summary>
    public int ConcurrencyOf(string queue) => (Options.PerQueue.TryGetValue(queue, out var own) ? own.Concurrency : null) ?? Options.Concurrency;

    /// <summary>The options of a task; the defaults under its name if this process does not know it.</summary>
    public TaskOptions OptionsOf(string taskName) =>
        Find(taskName)?.Options ?? new TaskOptions { Name = taskName };
}
