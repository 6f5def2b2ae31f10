namespace TasksBus.Configuration;

/// <summary>Waits for instants.</summary>
internal static class ClockWaits
{
    /// <summary>The time until an instant, rounded up to what a delay can wait for: it drops what is below a millisecond.</summary>
    public static TimeSpan TimeUntil(this TimeProvider clock, DateTimeOffset instant) => TimeSpan.FromMilliseconds(Math.Ceiling((instant - clock.GetUtcNow()).TotalMilliseconds));

    /// <summary>Waits until an instant has come; not at all, if it has. No longer than it is away now, though the clock may be put back meanwhile.</summary>
    public static async Task WaitUntil(this TimeProvider clock, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var (since, longest) = (clock.GetTimestamp(), clock.TimeUntil(instant));

        // A delay may end a little too soon: it counts in ticks of another clock.
        while (clock.TimeUntil(instant) is var time && time > TimeSpan.Zero && longest - clock.GetElapsedTime(since) is var left && left > TimeSpan.Zero)
            await Task.Delay(time < left ? time : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), clock, cancellationToken).ConfigureAwait(false);
    }
}
