namespace TasksBus;

/// <summary>What a limit limits.</summary>
public sealed record LimitTarget
{
    private const char Separator = '\n';
    private const string OfTask = "task:";
    private const string OfQueue = "queue:";
    private const string OfKey = "key:";
    private const string OfEachKey = "keys:";

    private LimitTarget(string name) => Name = name;

    /// <summary>The name under which limiters know it.</summary>
    public string Name { get; }

    /// <summary>The task whose runs it limits; null: those of a queue.</summary>
    public string? TaskName => QueueName is null ? Name[(Name.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(Separator)[0] : null;

    /// <summary>The queue whose runs it limits; null: those of a task.</summary>
    public string? QueueName => Name.StartsWith(OfQueue, StringComparison.Ordinal) ? Name[OfQueue.Length..] : null;

    /// <summary>All runs of a task together.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static LimitTarget Task(string taskName)
    {
        ThrowIfEmpty(taskName, nameof(taskName), "Give the name of a task, as TaskName.Of(typeof(Resize)) does.");
        return new(OfTask + taskName);
    }

    /// <summary>All runs of a queue together.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static LimitTarget Queue(string queue)
    {
        ThrowIfEmpty(queue, nameof(queue), "Give the name of a queue.");
        return new(OfQueue + queue);
    }

    /// <summary>The runs of a task with one key.</summary>
    /// <exception cref="ArgumentException">The name or the key is empty.</exception>
    public static LimitTarget Key(string taskName, string key)
    {
        ThrowIfEmpty(taskName, nameof(taskName), "Give the name of a task, as TaskName.Of(typeof(Resize)) does.");
        ThrowIfEmpty(key, nameof(key), $"Give a key, or use {nameof(EachKey)} for all keys of which nothing else is said.");
        return new($"{OfKey}{taskName}{Separator}{key}");
    }

    /// <summary>The runs of a task with one key, for each key of which nothing else is said.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static LimitTarget EachKey(string taskName)
    {
        ThrowIfEmpty(taskName, nameof(taskName), "Give the name of a task, as TaskName.Of(typeof(Resize)) does.");
        return new(OfEachKey + taskName);
    }

    /// <inheritdoc/>
    public override string ToString() => Name.Replace(Separator, ' ');

    /// <summary>The target that limiters know by a name.</summary>
    public static LimitTarget Named(string name) => new(name);

    private static void ThrowIfEmpty(string value, string parameter, string wayOut)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        if (string.IsNullOrWhiteSpace(value))
            throw new ArgumentException($"'{value}' limits nothing. {wayOut}", parameter);
    }
}
