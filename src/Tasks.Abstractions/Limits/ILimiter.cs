namespace TasksBus.Limits;

/// <summary>
/// Counts who runs, and lines up who must wait, for limits that all workers share. What every implementation must do is a conformance suite, run
/// against each. Every call is all or nothing, and one round trip. Safe to share between threads.
/// </summary>
/// <remarks>
/// Who waits in a line gets its permit from whoever returns one: reserved for it, in its turn, before any newcomer. The runs that a call has granted
/// permits to are to be sent to their queues by the caller; one that does not come for its permit is named again every
/// few seconds by <see cref="GrantDue"/>, less and less often. At most 500 permits are reserved at a time. A run that comes for a reserved permit under
/// other limits than it has waited for asks afresh. A run waits in one line at a time: in that of the coarsest limit that stops it, then of the next
/// finer one; back to a coarser one goes one at a time, so that those of a line do not all go to and fro between two. Turns: the highest priority first; of one priority the keys in turn, "start-time fair queueing"
/// (Goyal, Vin and Cheng, 1996) with all keys of one weight; of one key in order of their coming. Rates are spread by the "generic cell rate algorithm"
/// (ITU-T I.371).
/// </remarks>
public interface ILimiter
{
    /// <summary>Asks for a permit under all limits at once.</summary>
    ValueTask<PermitAnswer> Acquire(PermitRequest request, CancellationToken cancellationToken = default);

    /// <summary>Makes a permit last for <paramref name="lease"/> from now.</summary>
    /// <returns>Whether it is still held.</returns>
    ValueTask<bool> Renew(Guid runId, Guid permit, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Returns a permit: its attempt is over, or has never begun; then the start that its rate had counted is given back too.</summary>
    /// <returns>The runs that got permits.</returns>
    ValueTask<LimitGrants> Return(Guid runId, Guid permit, bool hasBegun, CancellationToken cancellationToken = default);

    /// <summary>Gives up the place of a run in a line, or the permit that is reserved for it, with the start that its rate had counted: the run is over. An attempt keeps its permit.</summary>
    /// <returns>The runs that got permits.</returns>
    ValueTask<LimitGrants> Leave(Guid runId, CancellationToken cancellationToken = default);

    /// <summary>Gives out what has become free by itself: by time, by the death of a worker, by a change of a limit.</summary>
    ValueTask<DueGrants> GrantDue(CancellationToken cancellationToken = default);

    /// <summary>Sets a limit for all processes, whatever they ask for; null: forgets it.</summary>
    ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default);

    /// <summary>Every limit that was set.</summary>
    ValueTask<IReadOnlyDictionary<string, Limit>> Settings(CancellationToken cancellationToken = default);

    /// <summary>How many run under limits, and wait for them, in the order of the names.</summary>
    ValueTask<IReadOnlyList<(long Running, long Waiting)>> Count(IReadOnlyList<string> names, CancellationToken cancellationToken = default);
}

/// <summary>A limit.</summary>
/// <param name="MaxConcurrent">How many may hold a permit; null: not limited.</param>
/// <param name="Interval">The time between two permits; null: not limited.</param>
/// <param name="Burst">How many permits may be given at once after a pause.</param>
public sealed record Limit(int? MaxConcurrent, TimeSpan? Interval, int Burst = 1);

/// <summary>A limit under which a run falls.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Family">The name under which limits of its kind are set together; null if there is none.</param>
/// <param name="Limit">What holds unless something was set under its name or that of its family.</param>
public sealed record LimitDemand(string Name, string? Family, Limit Limit);

/// <summary>Somebody wants to start an attempt.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Permit">What to call the permit; unique.</param>
/// <param name="Demands">The limits, from coarse to fine; one or more.</param>
/// <param name="Lease">How long the permit lasts unless it is renewed.</param>
public sealed record PermitRequest(Guid RunId, Guid Permit, IReadOnlyList<LimitDemand> Demands, TimeSpan Lease)
{
    /// <summary>0 to 9; higher ones come first.</summary>
    public int Priority { get; init; }

    /// <summary>Whose turn it is when the run gets a permit: all keys get as many.</summary>
    public string Key { get; init; } = "";

    /// <summary>Whether the attempt runs already: it gets its permit whatever the limits say, in place of one that is known to be over, and others wait for it.</summary>
    public bool TakesOver { get; init; }
}

/// <summary>The answer to a <see cref="PermitRequest"/>.</summary>
/// <param name="State">What became of it.</param>
/// <param name="WaitsFor">The limit in whose line the run waits; null if it does not.</param>
/// <param name="Grants">What else the call has changed.</param>
public sealed record PermitAnswer(PermitState State, string? WaitsFor, LimitGrants Grants);

/// <summary>What became of a request for a permit.</summary>
public enum PermitState
{
    /// <summary>The permit is yours.</summary>
    Granted = 0,

    /// <summary>The run has a permit already, for an attempt that may still run.</summary>
    Held = 1,

    /// <summary>The run waits in a line.</summary>
    Waiting = 2,
}

/// <summary>Who has got a permit by a call.</summary>
/// <param name="Runs">Runs whose permit is reserved for them, to be sent to their queues.</param>
/// <param name="NextIn">When to call <see cref="ILimiter.GrantDue"/>, from now; null: not sooner than was known before.</param>
public sealed record LimitGrants(IReadOnlyList<Guid> Runs, TimeSpan? NextIn);

/// <summary>What has become free by itself.</summary>
/// <param name="Grants">Who has got it; its <see cref="LimitGrants.NextIn"/> is null if nothing is known to become free by itself.</param>
/// <param name="Reminders">Runs that have not come for their permit in time.</param>
/// <param name="SettingsVersion">Grows when a limit is set.</param>
public sealed record DueGrants(LimitGrants Grants, IReadOnlyList<Guid> Reminders, long SettingsVersion);
