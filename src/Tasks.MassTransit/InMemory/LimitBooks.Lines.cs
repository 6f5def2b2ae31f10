using TasksBus.Limits;

namespace TasksBus.InMemory;

/// <content>Whose turn it is.</content>
internal sealed partial class LimitBooks
{
    private const int MostReserved = 500;

    private static readonly TimeSpan WhenCrowded = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReminderAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>The limits with a line, by when they may allow the next.</summary>
    private readonly Agenda<string> _wake = new(StringComparer.Ordinal);

    /// <summary>The runs that have not come for their permits, by when to remind of them.</summary>
    private readonly Agenda<Guid> _reserved = new(Comparer<Guid>.Default);

    /// <summary>Gives out what has become free by itself.</summary>
    public void DrainDue(List<Guid> granted)
    {
        var now = time.GetUtcNow();
        foreach (var name in _wake.Due(now))
            Drain([CountOf(name)], granted);
        foreach (var idle in _counts.Values.Where(count => count.IsIdle(now)).ToList())
            _counts.Remove(idle.Name);
    }

    /// <summary>The runs that have not come for their permits in time, each less and less often.</summary>
    public IReadOnlyList<Guid> Remind()
    {
        var now = time.GetUtcNow();
        var late = _reserved.Due(now);
        foreach (var run in late)
            _reserved.Set(run, now + (ReminderAfter * Math.Pow(2, Math.Min(++_runs[run].Reminders, 7))));
        return late;
    }

    /// <summary>When something may become free by itself.</summary>
    public TimeSpan? NextIn()
    {
        DateTimeOffset?[] instants = [_wake.NextAt, _reserved.NextAt];
        var left = instants.Min() - time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    private void Drain(IEnumerable<LimitCount> counts, List<Guid> granted)
    {
        var lines = new Queue<LimitCount>(counts);
        while (lines.TryDequeue(out var line))
            Drain(line, granted, lines);
    }

    /// <summary>Gives permits to those in a line whose turn it is.</summary>
    /// <remarks>
    /// Who is stopped by a finer limit waits there, so as not to stop those behind it. Who is stopped by a coarser one goes back to that line, but only one
    /// at a time does: those behind it need the coarser limit too, and would all go to and fro. When it gets its permit, they are looked at again.
    /// </remarks>
    private void Drain(LimitCount count, List<Guid> granted, Queue<LimitCount> others)
    {
        var hasGoneBack = false;
        while (count.Line.Count > 0)
        {
            var (now, run) = (time.GetUtcNow(), _runs[count.Line.First]);
            var (at, wall) = (AllowsAt(run, count, now), WallOf(run, now));
            if (at <= now && IsCrowded(count, LimitOf(run.DemandFor(count))))
                at = now + WhenCrowded;
            var goesBack = wall is not null && run.PlaceOf(wall) < run.PlaceOf(count);
            if (at <= now && goesBack && hasGoneBack)
                at = Earlier(AllowsAt(run, wall!, now), now + LongestWait);
            if (at > now)
            {
                _wake.Set(count.Name, at);
                return;
            }

            hasGoneBack |= goesBack;
            count.Line.Advance(run.RunId, run.Key);
            LeaveLine(run);
            if (wall is not null)
            {
                Join(run, wall, now);
                continue;
            }

            Reserve(run);
            granted.Add(run.RunId);
            foreach (var finer in run.Demands.Skip(run.PlaceOf(count) + 1))
                others.Enqueue(CountOf(finer.Name));
        }
    }

    /// <summary>Whether so many have not come for their permits of a limit that no more are to be given out.</summary>
    /// <remarks>
    /// Their queue may be paused, or nobody reads it, and when it is read again, all start at once: so of a rate no more than of a second wait. Others go on,
    /// whatever waits there.
    /// </remarks>
    private bool IsCrowded(LimitCount count, Limit limit)
    {
        var most = limit.Interval is { } interval ? Math.Min(MostReserved, limit.Burst + (int)Math.Ceiling(Math.Min(TimeSpan.FromSeconds(1) / interval, MostReserved))) : MostReserved;
        return count.Reserved > 0 && (count.Reserved >= most || _reserved.Count >= MostReserved);
    }

    /// <summary>The coarsest limit that keeps a run from starting.</summary>
    private LimitCount? WallOf(LimitedRun run, DateTimeOffset now) => run.Demands.Select(demand => CountOf(demand.Name)).FirstOrDefault(count => AllowsAt(run, count, now) > now);

    private void Join(LimitedRun run, LimitCount count, DateTimeOffset now)
    {
        run.WaitsIn = count;
        count.Line.Join(run.RunId, run.Priority, run.Key);
        _wake.Set(count.Name, AllowsAt(run, count, now));
    }

    private void LeaveLine(LimitedRun run)
    {
        var count = run.WaitsIn!;
        run.WaitsIn = null;
        count.Line.Leave(run.RunId);
        if (count.Line.Count == 0)
            _wake.Remove(count.Name);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
