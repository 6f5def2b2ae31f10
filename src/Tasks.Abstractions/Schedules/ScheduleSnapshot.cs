namespace TasksBus;

/// <summary>A schedule at one moment.</summary>
public sealed record ScheduleSnapshot
{
    /// <summary>What it runs, and when.</summary>
    public required TaskSchedule Schedule { get; init; }

    /// <summary>Whether it is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The next occurrence, without jitter; null if there is none, or it is paused.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The occurrence that waits for the end of the run before, see <see cref="OverlapRule.QueueOne"/>; null if none does.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>The latest occurrences, oldest first; at most <see cref="ScheduleTiming.History"/> of them.</summary>
    public IReadOnlyList<ScheduleOccurrence> History { get; init; } = [];

    /// <summary>The latest occurrence; null before the first.</summary>
    public ScheduleOccurrence? Last => History.Count > 0 ? History[^1] : null;
}

/// <summary>One instant of a schedule, and what came of it.</summary>
/// <param name="At">The instant that the rule says, without jitter.</param>
/// <param name="RunId">The run, or the workflow: made of the name of the schedule and the instant, so that an occurrence is one, whoever submits it.</param>
/// <param name="Result">What came of it.</param>
/// <param name="DoneAt">When that was.</param>
/// <param name="Note">Why, if it was not run; how many others it stands for.</param>
public sealed record ScheduleOccurrence(DateTimeOffset At, Guid RunId, OccurrenceResult Result, DateTimeOffset DoneAt, string? Note = null);

/// <summary>How a run, or a workflow, of a schedule has ended.</summary>
/// <param name="RunId">The run, or the workflow.</param>
/// <param name="State">Its state, which is final.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Error">Why it failed, was revoked or has expired, as far as that is known; null if it succeeded.</param>
public sealed record ScheduleOutcome(Guid RunId, TaskState State, DateTimeOffset EndedAt, string? Error = null);

/// <summary>What came of an occurrence.</summary>
public enum OccurrenceResult
{
    /// <summary>Its run, or its workflow, was submitted.</summary>
    Submitted = 0,

    /// <summary>It waits for the end of the run before.</summary>
    Waiting = 1,

    /// <summary>It was left out, because the run before had not ended.</summary>
    Skipped = 2,

    /// <summary>It was missed, and left out by <see cref="ScheduleTiming.Missed"/>.</summary>
    Missed = 3,

    /// <summary>It was refused: a task or a queue is not known, or the arguments or the options cannot be.</summary>
    Failed = 4,
}
