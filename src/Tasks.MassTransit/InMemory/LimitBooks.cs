using TasksBus.Limits;

namespace TasksBus.InMemory;

/// <summary>Who runs under which limit and who waits: what <see cref="InMemoryLimiter"/> does under its lock.</summary>
internal sealed partial class LimitBooks(TimeProvider time)
{
    private readonly Dictionary<string, LimitCount> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, LimitedRun> _runs = [];
    private readonly Dictionary<string, Limit> _settings = new(StringComparer.Ordinal);

    /// <summary>What was set for all processes.</summary>
    public IReadOnlyDictionary<string, Limit> Settings => _settings;

    /// <summary>The run, if it waits or has a permit that has not expired.</summary>
    public LimitedRun? Find(Guid runId)
    {
        if (!_runs.TryGetValue(runId, out var run))
            return null;
        if (!run.HasExpired(time.GetUtcNow()))
            return run;
        Forget(run, hasBegun: true);
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
        var now = time.GetUtcNow();
        var run = _runs[request.RunId] = new LimitedRun(request);
        var wall = run.Demands.Select(demand => CountOf(demand.Name)).FirstOrDefault(count => count.Line.Count > 0 || AllowsAt(run, count, now) > now);
        if (wall is null)
        {
            Reserve(run);
        }
        else
        {
            Join(run, wall, now);
            Drain([wall], granted);
            granted.Remove(run.RunId);
        }

        return run;
    }

    public void Hold(LimitedRun run, Guid permit, TimeSpan lease)
    {
        LeaveReserved(run);
        if (run.WaitsIn is not null)
        {
            // Its attempt runs already.
            LeaveLine(run);
            foreach (var demand in run.Demands)
                CountOf(demand.Name).Add(run);
        }

        var expiresAt = time.GetUtcNow() + lease;
        run.Hold(permit, expiresAt);

        // Those in the line may have thought that it would never expire.
        foreach (var demand in run.Demands)
            _wake.Hasten(demand.Name, expiresAt);
    }

    /// <summary>Takes the run out of everything, and gives others what it had.</summary>
    public void Leave(LimitedRun run, List<Guid> granted, bool hasBegun = false)
    {
        Forget(run, hasBegun);
        Drain(run.Demands.Select(demand => Find(demand.Name)).OfType<LimitCount>(), granted);
    }

    /// <summary>Sets a limit; null: forgets it. All lines are looked at again.</summary>
    public void Set(string name, Limit? limit)
    {
        if (limit is null)
            _settings.Remove(name);
        else
            _settings[name] = limit;
        foreach (var line in _wake.All())
            _wake.Set(line, time.GetUtcNow());
    }

    private void Reserve(LimitedRun run)
    {
        var now = time.GetUtcNow();
        foreach (var demand in run.Demands)
        {
            var count = CountOf(demand.Name);
            count.Take(run, LimitOf(demand), now);
            count.Reserved++;
        }

        _reserved.Set(run.RunId, now + ReminderAfter);
    }

    /// <returns>Whether its permit was reserved.</returns>
    private bool LeaveReserved(LimitedRun run)
    {
        if (!_reserved.Remove(run.RunId))
            return false;
        foreach (var demand in run.Demands)
            CountOf(demand.Name).Reserved--;
        return true;
    }

    /// <remarks>A start that was counted for a permit under which nothing has begun is given back.</remarks>
    private void Forget(LimitedRun run, bool hasBegun)
    {
        _runs.Remove(run.RunId);
        if (LeaveReserved(run) || (run.Permit is not null && !hasBegun))
        {
            foreach (var demand in run.Demands)
                CountOf(demand.Name).GiveBack(LimitOf(demand), time.GetUtcNow());
        }

        if (run.WaitsIn is not null)
            LeaveLine(run);
        foreach (var demand in run.Demands)
            Find(demand.Name)?.Return(run);
    }

    /// <summary>When a limit may allow a run its permit, once the permits of the dead are back; not later than now if it does.</summary>
    private DateTimeOffset AllowsAt(LimitedRun run, LimitCount count, DateTimeOffset now)
    {
        var limit = LimitOf(run.DemandFor(count));
        if (count.Running >= limit.MaxConcurrent)
        {
            foreach (var dead in count.Expired(now).ToList())
                Forget(dead, hasBegun: true);
        }

        return count.AllowsAt(limit, now);
    }

    private Limit LimitOf(LimitDemand demand) =>
        _settings.TryGetValue(demand.Name, out var limit) || (demand.Family is not null && _settings.TryGetValue(demand.Family, out limit)) ? limit : demand.Limit;

    private LimitCount CountOf(string name) => _counts.TryGetValue(name, out var count) ? count : _counts[name] = new LimitCount(name);
}
