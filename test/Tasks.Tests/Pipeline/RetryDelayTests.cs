using TasksBus.Pipeline;

namespace TasksBus.Tests.Pipeline;

/// <summary>How long a run waits before its next attempt.</summary>
public sealed class RetryDelayTests
{
    private readonly RetryOptions _retry = new() { Delay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(10), Jitter = false };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    [InlineData(5, 10)]
    [InlineData(100, 10)]
    public void An_exponential_delay_doubles_with_every_attempt_up_to_its_cap(int attempt, double seconds)
    {
        var delay = RetryDelay.After(attempt, _retry, random: 0.5);

        Assert.Equal(TimeSpan.FromSeconds(seconds), delay);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_fixed_delay_stays_the_same(int attempt)
    {
        _retry.Backoff = RetryBackoff.Fixed;

        var delay = RetryDelay.After(attempt, _retry, random: 0.5);

        Assert.Equal(TimeSpan.FromSeconds(1), delay);
    }

    [Fact]
    public void A_fixed_delay_has_the_cap_too()
    {
        _retry.Backoff = RetryBackoff.Fixed;
        _retry.MaxDelay = TimeSpan.FromMilliseconds(300);

        var delay = RetryDelay.After(attempt: 1, _retry, random: 0.5);

        Assert.Equal(TimeSpan.FromMilliseconds(300), delay);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.25, 2)]
    [InlineData(0.75, 6)]
    public void Jitter_draws_evenly_from_nothing_to_the_whole_delay(double random, double seconds)
    {
        _retry.Jitter = true;

        var delay = RetryDelay.After(attempt: 4, _retry, random);

        Assert.Equal(TimeSpan.FromSeconds(seconds), delay);
    }

    [Fact]
    public void Jitter_never_exceeds_the_cap()
    {
        _retry.Jitter = true;

        var delays = Enumerable.Range(1, 100).Select(attempt => RetryDelay.After(attempt, _retry, random: 1 - double.Epsilon));

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_delay_can_be_shorter_than_a_second()
    {
        _retry.Delay = TimeSpan.FromMilliseconds(1.5);

        var delays = Enumerable.Range(1, 3).Select(attempt => RetryDelay.After(attempt, _retry, random: 0.5).TotalMilliseconds);

        Assert.Equal([1.5, 3, 6], delays);
    }

    [Fact]
    public void No_delay_stays_no_delay()
    {
        _retry.Delay = TimeSpan.Zero;

        var delay = RetryDelay.After(attempt: 100, _retry, random: 0.5);

        Assert.Equal(TimeSpan.Zero, delay);
    }
}
