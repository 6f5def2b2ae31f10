namespace TasksBus.Pipeline;

/// <summary>The time limits of an attempt, from when its handler starts. Safe to share between threads.</summary>
internal sealed class AttemptTimers(Attempt attempt, TimeProvider clock) : IDisposable
{
    private readonly Lock _lock = new();
    private ITimer? _soft;
    private ITimer? _hard;
    private bool _isOver;

    /// <summary>Starts to count, unless it does already, or the attempt is over.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_isOver || _soft is not null || _hard is not null)
                return;

            // With both limits, the handler has all the time between them to end.
            if (attempt.TimeLimit is { } limit)
                _soft = clock.CreateTimer(_ => attempt.Stop(StopReason.TimedOut, attempt.HardTimeLimit - limit), state: null, limit, Timeout.InfiniteTimeSpan);
            if (attempt.HardTimeLimit is { } end)
                _hard = clock.CreateTimer(_ => Leave(), state: null, end, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _soft?.Dispose();
            _hard?.Dispose();
        }
    }

    private void Leave()
    {
        attempt.Stop(StopReason.TimedOut, TimeSpan.Zero);
        attempt.Abandon();
    }
}
