using TasksBus.Configuration;

namespace TasksBus.Delays;

/// <summary>Lets a loop sleep until an instant, or until somebody wakes it.</summary>
internal sealed class AlarmClock(TimeProvider clock) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wake = new(initialCount: 0, maxCount: 1);
    private DateTimeOffset _sleepsUntil = DateTimeOffset.MaxValue;

    /// <summary>Sleeps; returns at once if somebody has called since the last sleep.</summary>
    /// <returns>Whether somebody has called.</returns>
    public async Task<bool> SleepUntil(DateTimeOffset until, CancellationToken cancellationToken)
    {
        lock (_lock)
            _sleepsUntil = until;

        // To an instant, not for a time: a test may move the clock between the look and the sleep.
        var time = clock.TimeUntil(until);
        if (time <= TimeSpan.Zero)
            return false;

        using var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var call = _wake.WaitAsync(awake.Token);
        var first = await Task.WhenAny(call, Task.Delay(time, clock, awake.Token)).ConfigureAwait(false);
        await awake.CancelAsync().ConfigureAwait(false);

        // What comes while the loop looks must wake it from its next sleep.
        lock (_lock)
            _sleepsUntil = DateTimeOffset.MaxValue;
        return first == call;
    }

    /// <summary>Ends the sleep.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    public void Dispose() => _wake.Dispose();

    /// <summary>Ends the sleep if it would last beyond an instant.</summary>
    public void WakeBefore(DateTimeOffset instant)
    {
        lock (_lock)
        {
            if (instant >= _sleepsUntil)
                return;
            _sleepsUntil = instant;
        }

        Wake();
    }
}
