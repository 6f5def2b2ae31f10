namespace TasksBus;

/// <summary>What a limit limits.</summary>
public sealed record LimitTarget
{
    private const char Separator = '\n';

    private LimitTarget(string name) => Name = name;

    /// <summary>The name under which limiters know it.</summary>
    public string Name { get; }

    /// <summary>All runs of a task together.</summary>
    public static LimitTarget Task(string taskName) => new("task:" + taskName);

    /// <summary>All runs of a queue together.</summary>
    public static LimitTarget Queue(string queue) => new("queue:" + queue);

    /// <summary>The runs of a task with one key.</summary>
    public static LimitTarget Key(string taskName, string key) => new($"key:{taskName}{Separator}{key}");

    /// <summary>The runs of a task with one key, for each key of which nothing else is said.</summary>
    public static LimitTarget EachKey(string taskName) => new("keys:" + taskName);

    /// <inheritdoc/>
    public override string ToString() => Name.Replace(Separator, ' ');

    /// <summary>The target that limiters know by a name.</summary>
    public static LimitTarget Named(string name) => new(name);
}
