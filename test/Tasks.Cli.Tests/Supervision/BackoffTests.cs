using TasksBus.Cli.Supervision;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>When a worker that has ended is replaced.</summary>
public sealed class BackoffTests
{
    [Theory]
    [InlineData(0, 60, false)]
    [InlineData(0, 1.5, false)]
    [InlineData(0, 0.1, true)]
    [InlineData(1, 60, false)]
    [InlineData(1, 9, true)]
    [InlineData(137, 9, true)]
    public void A_worker_that_fails_within_ten_seconds_or_ends_within_one_has_ended_too_soon(int exitCode, double lived, bool isTooSoon)
    {
        Assert.Equal(isTooSoon, Backoff.IsTooSoon(exitCode, TimeSpan.FromSeconds(lived)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(100_000, 60)]
    public void The_wait_doubles_from_a_second_to_a_minute(int earlyEnds, double seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.After(earlyEnds));
    }
}
