using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Rules;

namespace TasksBus.Schedules;

/// <summary>All that is remembered of a schedule: what it is, and what came of it. A change makes a new one, so that nobody sees half of it.</summary>
internal sealed record ScheduleSaga : ISagaVersion
{
    /// <summary>The kind of saga that a schedule is.</summary>
    public const string Kind = "schedule";

    /// <summary>
    /// How long after an occurrence, and between looks, somebody looks how it has ended: soon enough before its record expires, and so late that of what comes more often,
    /// whose records are there, nobody does.
    /// </summary>
    public static readonly TimeSpan BeforeLooks = TimeSpan.FromMinutes(1);

    /// <summary>How far clocks of nodes may differ, or be put back, without anything being judged anew.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    private (ScheduleTiming Timing, DateTimeOffset From, Timetable Timetable)? _timetable;

    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    [JsonIgnore]
    public int Version { get; set; }

    /// <summary>Keeps apart the schedules of applications, which are in <see cref="ScheduleIds.Tasks"/>, and those of other rooms.</summary>
    public required string Group { get; init; }

    /// <summary>Unique within its group.</summary>
    public required string Name { get; init; }

    public required ScheduleTiming Timing { get; init; }

    public required ScheduledAction Action { get; init; }

    /// <summary>What intervals count from, if the timing has no start.</summary>
    public required DateTimeOffset DefinedAt { get; init; }

    /// <summary>When somebody said something of it last: nodes that have missed it find it by that.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Up to when every instant has had its occurrence, or was judged to have none.</summary>
    public required DateTimeOffset Through { get; init; }

    /// <summary>The mark of the declaration in code or configuration that it was put by; null: by a call.</summary>
    public string? Declaration { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Kept for a while for nodes to see; for good if a declaration would bring it back.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The instant whose occurrence waits for the end of the one before.</summary>
    public DateTimeOffset? Waiting { get; init; }

    /// <summary>What the latest occurrence was submitted as.</summary>
    public Guid? LatestId { get; init; }

    /// <summary>What was done before the latest and may go on beside it, because one of them was run by hand. Nothing if occurrences may overlap.</summary>
    public IReadOnlyList<Guid> BesideLatest { get; init; } = [];

    /// <summary>How the latest one that has ended did, as far as somebody has looked.</summary>
    public ScheduleOutcome? Outcome { get; init; }

    /// <summary>When somebody is to look how the latest one has ended; null: it is known, or never will be.</summary>
    public DateTimeOffset? OutcomeDueAt { get; init; }

    public IReadOnlyList<ScheduleOccurrence> History { get; init; } = [];

    /// <summary>Whether every node is to hear of this change. Of what came of occurrences, only who acts must know.</summary>
    [JsonIgnore]
    public bool IsAnnounced { get; init; }

    /// <summary>Whether who acts must set the alarm anew, because somebody else has done something.</summary>
    [JsonIgnore]
    public bool MustWake { get; init; }

    /// <summary>What may not have ended yet, oldest first: what the next occurrence must not overlap.</summary>
    [JsonIgnore]
    public IReadOnlyList<Guid> MayGoOn => LatestId is { } latest ? [.. BesideLatest, latest] : [];

    [JsonIgnore]
    public bool IsActive => !IsPaused && !IsRemoved;

    [JsonIgnore]
    public Timetable Timetable
    {
        get
        {
            if (_timetable is { } made && ReferenceEquals(made.Timing, Timing) && made.From == DefinedAt)
                return made.Timetable;
            var timetable = new Timetable(Timing, DefinedAt);
            _timetable = (Timing, DefinedAt, timetable);
            return timetable;
        }
    }

    /// <summary>When a node that begins to act, or looks over all of them, must look at it: now, if somebody must wait for the end of a run or put right what a clock has done.</summary>
    public DateTimeOffset? FirstAlarm(DateTimeOffset now) => this is { IsActive: true, Waiting: not null } || IsAheadOf(now) ? now : NextAlarm;

    /// <summary>When somebody must look at it next; null: never, unless it is changed.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextAlarm
    {
        get
        {
            DateTimeOffset? occurrence = IsActive && Timetable.Next(Through) is { } next ? Timetable.ComesAt(CorrelationId, next) : null;
            return IsRemoved || occurrence <= OutcomeDueAt ? occurrence : OutcomeDueAt ?? occurrence;
        }
    }

    /// <summary>Whether a clock that was ahead has judged instants that are still to come.</summary>
    public bool IsAheadOf(DateTimeOffset now) => IsActive && Through > now + ClockDifference;

    /// <summary>The same with those instants still to come; of what was submitted at them, the history knows.</summary>
    public ScheduleSaga PutBackTo(DateTimeOffset now) => this with { Through = now, IsAnnounced = false, MustWake = false };

    /// <summary>Whether the occurrence of an instant was submitted before, as far as that is remembered.</summary>
    public bool HasSubmitted(DateTimeOffset at) =>
        History.Any(known => known.At == at && known.Result == OccurrenceResult.Submitted && known.RunId == ScheduleIds.OfOccurrence(Group, Name, at));

    /// <summary>The same after somebody has said something of it.</summary>
    public ScheduleSaga Said(DateTimeOffset now) => this with { ChangedAt = now, IsAnnounced = true };

    /// <summary>The same after somebody has looked how the latest one has ended.</summary>
    /// <param name="outcome">How; null: it has not, or nobody knows.</param>
    /// <param name="lookAgainAt">When to look again; null: never.</param>
    public ScheduleSaga Looked(ScheduleOutcome? outcome, DateTimeOffset? lookAgainAt) => this with { Outcome = outcome ?? Outcome, OutcomeDueAt = lookAgainAt, IsAnnounced = false, MustWake = false };

    /// <summary>The same after some of its instants have had their occurrences. Said twice, it changes nothing.</summary>
    /// <param name="occurrences">What came of them.</param>
    /// <param name="through">Up to when every instant is judged now.</param>
    /// <param name="latestId">The latest that was submitted.</param>
    /// <param name="mayGoOn">What may not have ended yet.</param>
    /// <param name="waiting">The instant that waits now.</param>
    public ScheduleSaga After(IReadOnlyList<ScheduleOccurrence> occurrences, DateTimeOffset through, Guid? latestId, IEnumerable<Guid> mayGoOn, DateTimeOffset? waiting) => this with
    {
        Through = through > Through ? through : Through,
        LatestId = latestId,
        BesideLatest = Timing.Overlap == OverlapRule.Allow ? [] : [.. mayGoOn.Where(id => id != latestId)],
        Waiting = waiting,
        OutcomeDueAt = latestId == LatestId ? OutcomeDueAt : occurrences.LastOrDefault(one => one.RunId == latestId)?.DoneAt + BeforeLooks,
        IsAnnounced = false,
        MustWake = false,
        History = [.. History.Where(known => occurrences.All(one => one.RunId != known.RunId)).Concat(occurrences).TakeLast(Timing.History)],
    };
}

/// <summary>What an occurrence does.</summary>
/// <param name="Kind">Which <see cref="IScheduleAction"/> does it.</param>
/// <param name="Content">With what.</param>
internal sealed record ScheduledAction(string Kind, Payload Content);
