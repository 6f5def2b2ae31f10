using TasksBus.Limits;

namespace TasksBus.InMemory;

/// <summary>Who runs under which limit and who waits: what <see cref="InMemoryLimiter"/> does under its lock.</summary>
internal sealed class LimitBooks(TimeProvider time)
{
    private const int MostReserved = 500;

    private static readonly TimeSpan WhenCrowded = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReminderAfter = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, LimitCount> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, LimitedRun> _runs = [];
    private readonly HashSet<LimitCount> _lines = [];
    private readonly Dictionary<Guid, LimitedRun> _reserved = [];

    /// <summary>What was set for all processes.</summary>
    public Dictionary<string, Limit> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>The run, if it waits or has a permit that has not expired.</summary>
    public LimitedRun? Find(Guid runId)
    {
        if (!_runs.TryGetValue(runId, out var run))
            return null;
        if (!run.HasExpired(time.GetUtcNow()))
            return run;
        Forget(run);
        return null;
    }

    public LimitCount? Find(string name) => _counts.GetValueOrDefault(name);

    /// <summary>Takes in a run whose attempt runs already, whatever the limits say.</summary>
    public LimitedRun Add(PermitRequest request)
    {
        var run = _runs[request.RunId] = new LimitedRun(request);
        foreach (var demand in run.Demands)
            CountOf(demand.Name).Add(run);
        return run;
    }

    /// <summary>Lets a newcomer have its permit, or its place in a line: who came before it comes first.</summary>
    public LimitedRun Enter(PermitRequest request, List<Guid> granted)
    {
        var run = _runs[request.RunId] = new LimitedRun(request);
        var wall = run.Demands.Select(demand => CountOf(demand.Name)).FirstOrDefault(count => count.Line.Count > 0 || AllowsAt(run, count) > time.GetUtcNow());
        if (wall is null)
        {
            Reserve(run);
        }
        else
        {
            Join(run, wall);
            Drain(wall, granted);
            granted.Remove(run.RunId);
        }

        return run;
    }

    public void Hold(LimitedRun run, Guid permit, TimeSpan lease)
    {
        _reserved.Remove(run.RunId);
        if (run.WaitsIn is { } line)
        {
            // Its attempt runs already.
            line.Line.Leave(run.RunId);
            if (line.Line.Count == 0)
                _lines.Remove(line);
            run.WaitsIn = null;
            foreach (var demand in run.Demands)
                CountOf(demand.Name).Add(run);
        }

        run.Hold(permit, time.GetUtcNow() + lease);
    }

    /// <summary>Takes the run out of everything, and gives others what it had.</summary>
    public void Leave(LimitedRun run, List<Guid> granted)
    {
        Forget(run);
        foreach (var demand in run.Demands)
        {
            if (_counts.TryGetValue(demand.Name, out var count))
                Drain(count, granted);
        }
    }

    /// <summary>Gives out what has become free by itself.</summary>
    public void DrainAll(List<Guid> granted)
    {
        foreach (var count in _lines.ToList())
            Drain(count, granted);
        foreach (var idle in _counts.Values.Where(count => count.IsIdle(time.GetUtcNow())).ToList())
            _counts.Remove(idle.Name);
    }

    /// <summary>The runs that have not come for their permits in time.</summary>
    public IReadOnlyList<Guid> Remind()
    {
        var now = time.GetUtcNow();
        var late = _reserved.Values.Where(run => run.RemindAt <= now).ToList();
        foreach (var run in late)
            run.RemindAt = now + (ReminderAfter * Math.Pow(2, Math.Min(++run.Reminders, 7)));
        return [.. late.Select(run => run.RunId)];
    }

    /// <summary>When something may become free by itself.</summary>
    public TimeSpan? NextIn()
    {
        var soonest = _reserved.Count < MostReserved ? DateTimeOffset.MinValue : time.GetUtcNow() + WhenCrowded;
        var instants = _lines.Select(count => AllowsAt(_runs[count.Line.First], count)).Select(at => at > soonest ? at : soonest).Concat(_reserved.Values.Select(run => run.RemindAt)).ToList();
        return instants.Count == 0 ? null : instants.Min() - time.GetUtcNow();
    }

    private void Drain(LimitCount count, List<Guid> granted)
    {
        while (count.Line.Count > 0 && _reserved.Count < MostReserved)
        {
            var run = _runs[count.Line.First];
            if (AllowsAt(run, count) > time.GetUtcNow())
                return;

            count.Line.Advance(run.RunId, run.Key);
            if (run.Demands.Select(demand => CountOf(demand.Name)).FirstOrDefault(other => AllowsAt(run, other) > time.GetUtcNow()) is { } wall)
            {
                Join(run, wall);
                continue;
            }

            Reserve(run);
            granted.Add(run.RunId);
        }

        if (count.Line.Count == 0)
            _lines.Remove(count);
    }

    private void Join(LimitedRun run, LimitCount count)
    {
        run.WaitsIn = count;
        count.Line.Join(run.RunId, run.Priority, run.Key);
        _lines.Add(count);
    }

    private void Reserve(LimitedRun run)
    {
        var now = time.GetUtcNow();
        foreach (var demand in run.Demands)
            CountOf(demand.Name).Take(run, LimitOf(demand), now);
        run.WaitsIn = null;
        run.RemindAt = now + ReminderAfter;
        _reserved[run.RunId] = run;
    }

    private void Forget(LimitedRun run)
    {
        _runs.Remove(run.RunId);
        if (_reserved.Remove(run.RunId))
        {
            foreach (var demand in run.Demands)
                CountOf(demand.Name).GiveBack(LimitOf(demand), time.GetUtcNow());
        }

        run.WaitsIn?.Line.Leave(run.RunId);
        foreach (var demand in run.Demands)
        {
            if (_counts.TryGetValue(demand.Name, out var count))
                count.Return(run);
        }
    }

    /// <summary>When a limit may allow a run its permit, once the permits of the dead are back.</summary>
    private DateTimeOffset AllowsAt(LimitedRun run, LimitCount count)
    {
        var (now, limit) = (time.GetUtcNow(), LimitOf(run.DemandFor(count)));
        if (count.Running >= limit.MaxConcurrent)
        {
            foreach (var dead in count.Expired(now).ToList())
                Forget(dead);
        }

        return count.AllowsAt(limit, now);
    }

    private Limit LimitOf(LimitDemand demand) =>
        Settings.TryGetValue(demand.Name, out var limit) || (demand.Family is not null && Settings.TryGetValue(demand.Family, out limit)) ? limit : demand.Limit;

    private LimitCount CountOf(string name) => _counts.TryGetValue(name, out var count) ? count : _counts[name] = new LimitCount(name);
}
