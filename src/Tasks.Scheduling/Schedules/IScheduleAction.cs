using System.Globalization;

namespace TasksBus.Schedules;

/// <summary>
/// What occurrences can do, beside runs and workflows: register another one as <c>services.AddSingleton&lt;IScheduleAction, …&gt;()</c>, and put schedules of
/// its <see cref="Kind"/> with <see cref="ScheduleBook"/>, under a group of their own. Safe to share between threads.
/// </summary>
internal interface IScheduleAction
{
    /// <summary>As in <see cref="ScheduledAction.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>Whether an occurrence that is done a moment ahead of <see cref="Occurrence.DueAt"/> waits for it by itself.</summary>
    bool WaitsForInstant => false;

    /// <summary>
    /// Does it, under the id of the occurrence: it may be asked for again, by another node too, and must then be one with the first. What it throws as
    /// <see cref="SubmitException"/> or <see cref="StoreUnavailableException"/> is tried again; anything else is the end of the occurrence.
    /// </summary>
    Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken);

    /// <summary>Whether what was done under an id has ended. Asked only by overlap rules.</summary>
    Task<bool> IsOver(Guid id, CancellationToken cancellationToken);

    /// <summary>How what was done under an id has ended; null if it has not, or nothing is known of it.</summary>
    Task<ScheduleOutcome?> OutcomeOf(Guid id, CancellationToken cancellationToken);

    /// <summary>Waits until it has ended.</summary>
    Task WaitForEnd(Guid id, CancellationToken cancellationToken);

    /// <summary>Takes it back.</summary>
    Task Revoke(Guid id, string reason, CancellationToken cancellationToken);
}

/// <summary>One instant of a schedule.</summary>
/// <param name="Id">Always the same for the same schedule and instant.</param>
/// <param name="Group">The group of the schedule.</param>
/// <param name="Schedule">The name of the schedule.</param>
/// <param name="At">The instant, without jitter.</param>
/// <param name="DueAt">When it is to be done, jitter included.</param>
internal sealed record Occurrence(Guid Id, string Group, string Schedule, DateTimeOffset At, DateTimeOffset DueAt)
{
    /// <summary>What runs of it say of where they come from, beside the headers that the schedule gives them.</summary>
    public Dictionary<string, string> HeadersBeside(IReadOnlyDictionary<string, string>? given) => new(given ?? new Dictionary<string, string>(), StringComparer.Ordinal)
    {
        [ScheduleHeaders.Schedule] = Schedule,
        [ScheduleHeaders.Instant] = At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    };
}
