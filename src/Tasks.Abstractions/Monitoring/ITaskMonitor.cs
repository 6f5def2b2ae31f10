namespace TasksBus;

/// <summary>Lists and counts runs. Safe to share between threads.</summary>
public interface ITaskMonitor
{
    /// <summary>A page of runs, newest first, without arguments, results and data.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TaskQuery.PageSize"/> is not 1 to 1,000.</exception>
    /// <exception cref="FormatException"><see cref="TaskQuery.Cursor"/> did not come from <see cref="TaskPage.NextCursor"/>.</exception>
    Task<TaskPage> List(TaskQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>How many runs are in a state.</summary>
    Task<long> Count(TaskState state, CancellationToken cancellationToken = default);

    /// <summary>How many runs are <see cref="TaskState.Pending"/> because they wait for a limit (<see cref="TaskSnapshot.WaitsFor"/>): more workers would not help them.</summary>
    Task<long> CountLimited(CancellationToken cancellationToken = default);

    /// <summary>The workers that have shown themselves within their lease, the latest started first.</summary>
    Task<IReadOnlyList<WorkerSnapshot>> Workers(CancellationToken cancellationToken = default);
}

/// <summary>A process that runs tasks, at one moment.</summary>
/// <param name="Name">As in <see cref="TaskQueueOptions.WorkerName"/>.</param>
/// <param name="Machine">The machine it runs on.</param>
/// <param name="ProcessId">Its process there.</param>
/// <param name="StartedAt">When it started, by its clock.</param>
/// <param name="Queues">The queues that it reads.</param>
/// <param name="Concurrency">How many attempts it runs at a time, for each queue.</param>
/// <param name="Silence">For how long nothing has been heard of it; it shows itself about every second.</param>
public sealed record WorkerSnapshot(
    string Name, string Machine, int ProcessId, DateTimeOffset StartedAt, IReadOnlyList<string> Queues, int Concurrency, TimeSpan Silence);

/// <summary>Which runs to list. What is null does not matter; what is set must hold together.</summary>
public sealed record TaskQuery
{
    /// <summary>Only runs in this state.</summary>
    public TaskState? State { get; init; }

    /// <summary>Only runs of this task.</summary>
    public string? TaskName { get; init; }

    /// <summary>Only runs of this queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Only runs submitted at this instant or later.</summary>
    public DateTimeOffset? SubmittedFrom { get; init; }

    /// <summary>Only runs submitted before this instant.</summary>
    public DateTimeOffset? SubmittedBefore { get; init; }

    /// <summary>Only runs that were given all these headers.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Only runs with this key of their <see cref="TaskOptions.KeyLimit"/>.</summary>
    public string? LimitKey { get; init; }

    /// <summary>Only runs whose latest error is of this type, by its full name.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Only runs that failed for this reason.</summary>
    public FailureKind? FailureKind { get; init; }

    /// <summary>Runs on a page, 1 to 1,000. Default: 50.</summary>
    public int PageSize { get; init; } = 50;

    /// <summary>Where to go on: <see cref="TaskPage.NextCursor"/> of the page before. Null for the first page.</summary>
    public string? Cursor { get; init; }
}

/// <summary>A page of runs.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="NextCursor">For <see cref="TaskQuery.Cursor"/> of the next page; null on the last.</param>
public sealed record TaskPage(IReadOnlyList<TaskSnapshot> Runs, string? NextCursor);
