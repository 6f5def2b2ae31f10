namespace TasksBus;

/// <summary>When a schedule runs, and what it does about occurrences that were missed or that overlap. Does not change.</summary>
public record ScheduleTiming
{
    /// <summary>A timing that follows a rule.</summary>
    public ScheduleTiming(ScheduleRule rule) => Rule = rule;

    /// <summary>At which instants.</summary>
    public ScheduleRule Rule { get; init; }

    /// <summary>
    /// The IANA id of the zone on whose clocks the rule and the excluded days are read, as in <c>Europe/Berlin</c>. A time that the clocks skip comes at the
    /// instant of the change; one that comes twice comes the first time only, except by a cron expression whose hour is <c>*</c>, which goes on through
    /// both. Default: <c>UTC</c>.
    /// </summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>No occurrence before this. Default: null, from when it is put.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>No occurrence after this. Default: null, no end.</summary>
    public DateTimeOffset? EndAt { get; init; }

    /// <summary>
    /// Each occurrence comes later by a time from 0 to this, drawn evenly, always the same for the same occurrence. Occurrences stay in order. 0 to 1 day. Default: 0.
    /// </summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Days on which nothing comes. Default: null, none.</summary>
    public ExcludedDays? Excluded { get; init; }

    /// <summary>What to do about occurrences that are later than <see cref="MissedAfter"/>. Default: <see cref="MissedRule.RunOnce"/>.</summary>
    public MissedRule Missed { get; init; } = MissedRule.RunOnce;

    /// <summary>How late an occurrence may be without counting as missed: until then it runs, whatever <see cref="Missed"/> says. 1 second to 1 day. Default: 1 minute.</summary>
    public TimeSpan MissedAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>With <see cref="MissedRule.RunAll"/>: how many of the missed occurrences run, the latest. 1 to 10,000. Default: 100.</summary>
    public int MaxMissedRuns { get; init; } = 100;

    /// <summary>What to do when the run of the occurrence before has not ended. Default: <see cref="OverlapRule.Allow"/>.</summary>
    public OverlapRule Overlap { get; init; } = OverlapRule.Allow;

    /// <summary>How many occurrences are remembered, the latest. 1 to 1,000. Default: 20.</summary>
    public int History { get; init; } = 20;

    /// <summary>The timing alone, without what it is the timing of.</summary>
    public ScheduleTiming Timing() => new(this);
}

/// <summary>What becomes of occurrences that were missed, for example because no scheduler was up.</summary>
public enum MissedRule
{
    /// <summary>One run for all of them, that of the latest.</summary>
    RunOnce = 0,

    /// <summary>Each is run, in order; of very many, the latest <see cref="ScheduleTiming.MaxMissedRuns"/>.</summary>
    RunAll = 1,

    /// <summary>None is run.</summary>
    Skip = 2,
}

/// <summary>What becomes of an occurrence while the run of the one before has not ended.</summary>
public enum OverlapRule
{
    /// <summary>It runs beside it.</summary>
    Allow = 0,

    /// <summary>It is skipped.</summary>
    Skip = 1,

    /// <summary>It waits for the end of the other. One waits at a time; those that come meanwhile are skipped.</summary>
    QueueOne = 2,

    /// <summary>The run of the one before is revoked, and it runs.</summary>
    RevokePrevious = 3,
}

/// <summary>Days, in the zone of a schedule, on which it does nothing.</summary>
public sealed record ExcludedDays
{
    /// <summary>Days of every week. Not all seven. Default: none.</summary>
    public IReadOnlyList<DayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Single days. Default: none.</summary>
    public IReadOnlyList<DateOnly> Dates { get; init; } = [];

    /// <summary>Days of every year, by their month and day; the year is not looked at. Default: none.</summary>
    public IReadOnlyList<DateOnly> Yearly { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(ExcludedDays? other) =>
        other is not null && Weekdays.SequenceEqual(other.Weekdays) && Dates.SequenceEqual(other.Dates) && Yearly.SequenceEqual(other.Yearly);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Weekdays.Count, Dates.Count, Yearly.Count);
}
