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

    /// <summary>How many of them have not come for their permit.</summary>
    public int Reserved { get; set; }

    /// <summary>When the limit may allow one more: in the past if it does now.</summary>
    public DateTimeOffset AllowsAt(Limit limit, DateTimeOffset now)
    {
        var slotAt = _holders.Count >= limit.MaxConcurrent ? _holders.Values.Min(run => run.ExpiresAt ?? DateTimeOffset.MaxValue) : now;
        var startAt = limit.Interval is { } interval ? Earlier(_nextStartAt, now + (interval * limit.Burst)) - (interval * (limit.Burst - 1)) : now;
        return slotAt > startAt ? slotAt : startAt;
    }

    public void Take(LimitedRun run, Limit limit, DateTimeOffset now)
    {
        _holders[run.RunId] = run;
        if (limit.Interval is { } interval)
            _nextStartAt = Earlier(_nextStartAt > now ? _nextStartAt : now, now + (interval * limit.Burst)) + interval;
    }

    /// <summary>A start that was counted has not taken place.</summary>
    public void GiveBack(Limit limit, DateTimeOffset now)
    {
        if (limit.Interval is { } interval && _nextStartAt > now)
            _nextStartAt -= interval;
    }

    public void Add(LimitedRun run) => _holders[run.RunId] = run;

    public void Return(LimitedRun run) => _holders.Remove(run.RunId);

    public IEnumerable<LimitedRun> Expired(DateTimeOffset now) => _holders.Values.Where(run => run.HasExpired(now));

    /// <remarks>The next start is never further away than the rate can have put it: it may have been slower, and the clock may have been set back.</remarks>
    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    public bool IsIdle(DateTimeOffset now) => _holders.Count == 0 && Line.Count == 0 && _nextStartAt <= now;
}
