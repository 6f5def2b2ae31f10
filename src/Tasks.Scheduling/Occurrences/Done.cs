using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>What comes of the due instants of a schedule, while it is done and until it is recorded.</summary>
internal sealed class Done(ScheduleSaga schedule, DueInstants due)
{
    private readonly List<ScheduleOccurrence> _occurrences = [];
    private readonly List<Guid> _mayGoOn = [.. schedule.MayGoOn];
    private readonly HashSet<Guid> _ended = [];

    public ScheduleSaga Schedule { get; } = schedule;

    public DueInstants Due { get; } = due;

    public Guid? LatestId { get; private set; } = schedule.LatestId;

    public DateTimeOffset? Waiting { get; set; } = schedule.Waiting;

    /// <summary>What was done before and may not have ended yet, oldest first.</summary>
    public IReadOnlyList<Guid> MayGoOn => _mayGoOn;

    /// <summary>Something that was done before has ended, or will at once.</summary>
    public void Ended(Guid id)
    {
        _mayGoOn.Remove(id);
        _ended.Add(id);
    }

    public void Add(DateTimeOffset at, OccurrenceResult result, DateTimeOffset now, string? note = null) =>
        _occurrences.Add(new ScheduleOccurrence(at, ScheduleIds.OfOccurrence(Schedule.Group, Schedule.Name, at), result, now, note));

    public void AddSubmitted(DateTimeOffset at, Guid id, DateTimeOffset now)
    {
        LatestId = id;
        _mayGoOn.Add(id);
        Add(at, OccurrenceResult.Submitted, now);
    }

    /// <summary>One entry for all that are left out.</summary>
    public void AddMissed(DateTimeOffset now)
    {
        if (Due.Missed is not { } latest)
            return;
        Add(latest, OccurrenceResult.Missed, now, $"Of the missed occurrences, {(Due.IsMissedCounted ? "" : "at least ")}{Due.MissedCount} were left out ({Schedule.Timing.Missed}); this is the latest of them.");
    }

    /// <summary>Records it, whatever has been said of the schedule meanwhile, and whatever another node has done that took this one for dead.</summary>
    public ScheduleSaga? ApplyTo(ScheduleSaga? stored)
    {
        if (stored is null || (_occurrences.Count == 0 && Due.Through <= stored.Through && Waiting == stored.Waiting))
            return stored;

        var known = stored.History.Except(Schedule.History).Select(occurrence => occurrence.RunId).ToHashSet();
        return stored.After(
            [.. _occurrences.Where(occurrence => !known.Contains(occurrence.RunId))], Due.Through, LatestOf(stored), stored.MayGoOn.Union(_mayGoOn).Where(id => !_ended.Contains(id)),
            stored.IsRemoved ? null : WaitingOf(stored, known));
    }

    /// <remarks>Somebody may have run it by hand meanwhile, and another node may be further than this one: ids sort by time.</remarks>
    private Guid? LatestOf(ScheduleSaga stored)
    {
        if (LatestId == Schedule.LatestId)
            return stored.LatestId;
        return stored.LatestId == Schedule.LatestId || stored.LatestId is not { } other || LatestId?.CompareTo(other) > 0 ? LatestId : stored.LatestId;
    }

    private DateTimeOffset? WaitingOf(ScheduleSaga stored, HashSet<Guid> known)
    {
        var isDone = Waiting is { } at && known.Contains(ScheduleIds.OfOccurrence(Schedule.Group, Schedule.Name, at));
        return stored.Waiting == Schedule.Waiting && !isDone ? Waiting : stored.Waiting;
    }
}
