using Microsoft.Extensions.Time.Testing;

namespace TasksBus.Testing;

/// <summary>The clock of a test. It knows which attempts have asked it to wake them, and when. Safe to share between threads.</summary>
internal sealed class TestClock(RunRecorder recorder) : FakeTimeProvider(WholeSecond(TimeProvider.System.GetUtcNow()))
{
    private readonly AsyncLocal<Guid?> _run = new();
    private readonly Lock _lock = new();
    private readonly HashSet<AttemptTimer> _sleeping = [];

    /// <summary>Takes the timers that the calling flow makes from now on for those of an attempt of this run.</summary>
    public void Enter(Guid runId) => _run.Value = runId;

    /// <summary>When the next attempt wakes after an instant; null: none sleeps.</summary>
    public DateTimeOffset? NextWake(DateTimeOffset after)
    {
        lock (_lock)
            return _sleeping.Where(timer => timer.WakesAt > after).Min(timer => timer.WakesAt);
    }

    /// <summary>Whether an attempt of the run has a timer that runs.</summary>
    public bool IsSleeping(Guid runId)
    {
        lock (_lock)
            return _sleeping.Any(timer => timer.RunId == runId);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (_run.Value is not { } runId)
            return base.CreateTimer(callback, state, dueTime, period);

        var timer = new AttemptTimer(this, runId, () => callback(state));
        timer.Start(fired => base.CreateTimer(fired, state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime, period);
        return timer;
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset instant) => instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerSecond));

    private void Plan(AttemptTimer timer, DateTimeOffset? wakesAt)
    {
        lock (_lock)
        {
            timer.WakesAt = wakesAt;
            if (wakesAt is null)
                _sleeping.Remove(timer);
            else
                _sleeping.Add(timer);
        }

        recorder.ShowLife(timer.RunId);
    }

    private sealed class AttemptTimer(TestClock clock, Guid runId, Action callback) : ITimer
    {
        private ITimer? _timer;
        private TimeSpan _period;

        public Guid RunId => runId;

        public DateTimeOffset? WakesAt { get; set; }

        public void Start(Func<TimerCallback, ITimer> create, TimeSpan dueTime, TimeSpan period)
        {
            _timer = create(_ => Fire());
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            clock.Plan(this, dueTime < TimeSpan.Zero ? null : clock.GetUtcNow() + dueTime);
            return _timer!.Change(dueTime, period);
        }

        public void Dispose()
        {
            clock.Plan(this, wakesAt: null);
            _timer!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            clock.Plan(this, wakesAt: null);
            return _timer!.DisposeAsync();
        }

        private void Fire()
        {
            clock.Plan(this, _period > TimeSpan.Zero ? clock.GetUtcNow() + _period : null);
            callback();
        }
    }
}
