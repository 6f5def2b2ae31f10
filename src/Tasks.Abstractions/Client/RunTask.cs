namespace TasksBus;

/// <summary>A request to run any task. Every <see cref="RunTask{TArgs}"/> is published as this too, which is how runs from other applications are tracked.</summary>
public interface IRunTask
{
    /// <summary>The run. The same id twice is one run.</summary>
    Guid RunId { get; }

    /// <summary>The name under which the workers know the task.</summary>
    string TaskName { get; }

    /// <summary>When the run was submitted.</summary>
    DateTimeOffset SubmittedAt { get; }

    /// <summary>The instant before which no attempt starts; null for at once.</summary>
    DateTimeOffset? NotBefore { get; }

    /// <summary>The instant after which no first attempt starts; null for never.</summary>
    DateTimeOffset? ExpiresAt { get; }

    /// <summary>Handed to the handler. Null for none.</summary>
    IReadOnlyDictionary<string, string>? Headers { get; }
}

/// <summary>
/// A request to run a task, for any application on the bus: <c>Publish(new RunTask&lt;Resize&gt;(new Resize("a.png", 800)))</c>.
/// </summary>
/// <remarks>
/// The broker drops a published message while nothing is bound to its type. Something is, durably, once a worker or a client that
/// registers the task has been started once; before that, use <see cref="ITaskClient"/>, whose runs are never dropped.
/// </remarks>
/// <typeparam name="TArgs">The arguments, which also name the task. Must be in a namespace.</typeparam>
/// <param name="Arguments">What the handler gets.</param>
public sealed record RunTask<TArgs>(TArgs Arguments) : IRunTask
    where TArgs : class
{
    /// <summary>The run. Default: a new, time-ordered id. The same id twice is one run.</summary>
    public Guid RunId { get; init; } = Guid.CreateVersion7();

    /// <summary>The name under which the workers know the task. Default: <see cref="TasksBus.TaskName.Of(Type)"/> the arguments.</summary>
    public string TaskName { get; init; } = TasksBus.TaskName.Of(typeof(TArgs));

    /// <summary>When the run was submitted. Default: now.</summary>
    public DateTimeOffset SubmittedAt { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>The instant before which no attempt starts. Default: null, at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The instant after which no first attempt starts. Default: null, never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Handed to the handler. Default: null, none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
