using TasksBus.Limits;

namespace TasksBus.InMemory;

/// <summary>Who holds permits of one limit, and when its rate allows the next.</summary>
internal sealed class LimitCount(string name)
{
    private readonly Dictionary<Guid, LimitedRun> _holders = [];

    // "Theoretical arrival time" of the generic cell rate algorithm: when the next start is due if all were evenly spread.
    private DateTimeOffset _nextStartAt = DateTimeOffset.UnixEpoch;

    public string Name => name;

    public LimitLine Line { get; } = new();

    public int Running => _holders.Count;

    /// <summary>When the limit may allow one more: in the past if it does now.</summary>
    public DateTimeOffset AllowsAt(Limit limit, DateTimeOffset now)
    {
        var slotAt = _holders.Count >= limit.MaxConcurrent ? _holders.Values.Min(run => run.ExpiresAt ?? DateTimeOffset.MaxValue) : now;
        var startAt = limit.Interval is { } interval ? _nextStartAt - (interval * (limit.Burst - 1)) : now;
        return slotAt > startAt ? slotAt : startAt;
    }

    public void Take(LimitedRun run, Limit limit, DateTimeOffset now)
    {
        _holders[run.RunId] = run;
        if (limit.Interval is { } interval)
            _nextStartAt = (_nextStartAt > now ? _nextStartAt : now) + interval;
    }

    public void Return(LimitedRun run) => _holders.Remove(run.RunId);

    public IEnumerable<LimitedRun> Expired(DateTimeOffset now) => _holders.Values.Where(run => run.HasExpired(now));

    public bool IsIdle(DateTimeOffset now) => _holders.Count == 0 && Line.Count == 0 && _nextStartAt <= now;
}
