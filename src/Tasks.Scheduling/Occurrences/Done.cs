using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>What comes of the due instants of a schedule, while it is done and until it is recorded.</summary>
internal sealed class Done(ScheduleSaga schedule, DueInstants due)
{
    private readonly List<ScheduleOccurrence> _occurrences = [];

    public ScheduleSaga Schedule { get; } = schedule;

    public DueInstants Due { get; } = due;

    public Guid? LatestId { get; set; } = schedule.LatestId;

    public DateTimeOffset? Waiting { get; set; } = schedule.Waiting;

    public void Add(DateTimeOffset at, OccurrenceResult result, DateTimeOffset now, string? note = null) =>
        _occurrences.Add(new ScheduleOccurrence(at, ScheduleIds.OfOccurrence(Schedule.Group, Schedule.Name, at), result, now, note));

    /// <summary>One entry for all that are left out.</summary>
    public void AddMissed(DateTimeOffset now)
    {
        if (Due.Missed is not { } latest)
            return;
        Add(latest, OccurrenceResult.Missed, now, $"Of the missed occurrences, {(Due.IsMissedCounted ? "" : "at least ")}{Due.MissedCount} were left out ({Schedule.Timing.Missed}); this is the latest of them.");
    }

    /// <summary>Records it, whatever has been said of the schedule meanwhile.</summary>
    public ScheduleSaga? ApplyTo(ScheduleSaga? stored)
    {
        if (stored is null || (_occurrences.Count == 0 && Due.Through <= stored.Through && Waiting == stored.Waiting))
            return stored;

        // Somebody may have run it by hand meanwhile, or removed it.
        var latestId = LatestId == Schedule.LatestId ? stored.LatestId : LatestId;
        var waiting = Waiting == Schedule.Waiting ? stored.Waiting : Waiting;
        return stored.After(_occurrences, Due.Through, latestId, stored.IsRemoved ? null : waiting);
    }
}
