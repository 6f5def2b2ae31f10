namespace TasksBus;

/// <summary>Steers runs: takes them back, starts failed ones over, throws records away. From any process, whether a worker is up or not. Safe to share between threads.</summary>
/// <remarks>What takes a <see cref="TaskQuery"/> works through all its pages, whatever its page size and cursor.</remarks>
public interface ITaskControl
{
    /// <summary>Takes runs back: what waits ends <see cref="TaskState.Revoked"/> at once, what runs has its token cancelled; a workflow to which one has handed over is revoked.</summary>
    /// <param name="runIds">The runs; also those of steps of workflows whose turn has not come.</param>
    /// <param name="reason">Why, for people; kept with the runs.</param>
    /// <param name="cancellationToken">Ends the call; some runs may then be revoked.</param>
    /// <returns>What happened, in the order of the ids.</returns>
    Task<IReadOnlyList<RevokeAnswer>> Revoke(IEnumerable<Guid> runIds, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Takes back every run that the query finds and that is not final, and every workflow to which one has handed over. Runs that are submitted meanwhile may be found or not.</summary>
    /// <returns>What happened to each.</returns>
    /// <inheritdoc cref="Revoke(IEnumerable{Guid}, string?, CancellationToken)"/>
    Task<IReadOnlyList<RevokeAnswer>> Revoke(TaskQuery query, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Starts a run that failed, expired or was revoked over, under its id, with all its attempts before it and without its expiry.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="arguments">Other arguments; null for its own.</param>
    /// <param name="cancellationToken">Ends the call; the run may then be started over or not.</param>
    /// <returns>The run after the call: <see cref="TaskState.Scheduled"/>, on its way to its queue.</returns>
    /// <exception cref="InvalidOperationException">The run is not final, or has succeeded, or its arguments are not kept and none are given.</exception>
    /// <exception cref="TaskNotFoundException">Nothing is known of the run.</exception>
    /// <exception cref="ArgumentException">The arguments are of another task, cannot be serialised, or are too long.</exception>
    Task<TaskSnapshot> Replay(Guid runId, object? arguments = null, CancellationToken cancellationToken = default);

    /// <summary>Starts every run over that the query finds and that can be: failed ones, unless the query names another state.</summary>
    /// <param name="query">Which.</param>
    /// <param name="perSecond">How many start in a second, evenly spread; more than 0. Null: all at once.</param>
    /// <param name="cancellationToken">Ends the call; some runs may then be started over.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="perSecond"/> is not more than 0.</exception>
    Task<int> Replay(TaskQuery query, double? perSecond = null, CancellationToken cancellationToken = default);

    /// <summary>Removes the record of every run that the query finds and that is final.</summary>
    /// <returns>How many there were.</returns>
    Task<int> Discard(TaskQuery query, CancellationToken cancellationToken = default);

    /// <summary>The failed runs that the query finds, by task, kind of failure and type of error, the largest group first.</summary>
    Task<IReadOnlyList<FailureGroup>> Failures(TaskQuery? query = null, CancellationToken cancellationToken = default);
}

/// <summary>What happened to a run that was to be revoked.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Result">What happened.</param>
public sealed record RevokeAnswer(Guid RunId, RevokeResult Result);

/// <summary>What became of a revocation.</summary>
public enum RevokeResult
{
    /// <summary>Nothing is known of the run.</summary>
    NotFound = 0,

    /// <summary>It waited, and will not run.</summary>
    Revoked = 1,

    /// <summary>It runs, or what it has handed over to does, and was told to end.</summary>
    Signalled = 2,

    /// <summary>It was too late: the run had ended.</summary>
    AlreadyFinal = 3,
}

/// <summary>Failed runs of one kind.</summary>
/// <param name="TaskName">The task.</param>
/// <param name="Kind">Why they failed.</param>
/// <param name="ErrorType">The type of their error; null if there is none.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Latest">The one that was submitted last.</param>
public sealed record FailureGroup(string TaskName, FailureKind? Kind, string? ErrorType, int Count, TaskSnapshot Latest);
