using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Rules;

namespace TasksBus.Schedules;

/// <summary>All that is remembered of a schedule: what it is, and what came of it. A change makes a new one, so that nobody sees half of it.</summary>
internal sealed record ScheduleSaga : ISagaVersion
{
    /// <summary>The kind of saga that a schedule is.</summary>
    public const string Kind = "schedule";

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

    public IReadOnlyList<ScheduleOccurrence> History { get; init; } = [];

    /// <summary>Whether every node is to hear of this change. Of what came of occurrences, only who acts must know.</summary>
    [JsonIgnore]
    public bool IsAnnounced { get; init; }

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

    /// <summary>When somebody must look at it next; null: never, unless it is changed.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextAlarm => IsActive && Timetable.Next(Through) is { } next ? Timetable.ComesAt(CorrelationId, next) : null;

    /// <summary>The same after somebody has said something of it.</summary>
    public ScheduleSaga Said(DateTimeOffset now) => this with { ChangedAt = now, IsAnnounced = true };

    /// <summary>The same after some of its instants have had their occurrences. Said twice, it changes nothing.</summary>
    public ScheduleSaga After(IReadOnlyList<ScheduleOccurrence> occurrences, DateTimeOffset through, Guid? latestId, DateTimeOffset? waiting) => this with
    {
        Through = through > Through ? through : Through,
        LatestId = latestId,
        Waiting = waiting,
        IsAnnounced = false,
        History = [.. History.Where(known => occurrences.All(one => one.RunId != known.RunId)).Concat(occurrences).TakeLast(Timing.History)],
    };
}

/// <summary>What an occurrence does.</summary>
/// <param name="Kind">Which <see cref="IScheduleAction"/> does it.</param>
/// <param name="Content">With what.</param>
internal sealed record ScheduledAction(string Kind, Payload Content);
