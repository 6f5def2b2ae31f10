using Microsoft.Extensions.Time.Testing;

using TasksBus.Pipeline;
using TasksBus.Testing;

namespace TasksBus.Tests.Pipeline;

/// <summary>The moment between the claim of a run and the call of its handler.</summary>
public sealed class BeginningTests
{
    private readonly FakeTimeProvider _clock = new();
    private int _calls;

    [Fact]
    public async Task An_attempt_that_was_claimed_before_its_instant_goes_on_at_it()
    {
        using var attempt = Attempt();
        attempt.StartsAt = _clock.GetUtcNow() + TimeSpan.FromMilliseconds(8);

        var run = new AwaitInstant(_clock).Run(attempt, Next);
        var before = _calls;
        _clock.Advance(TimeSpan.FromMilliseconds(8));
        await run;

        Assert.Equal((0, 1), (before, _calls));
    }

    [Fact]
    public async Task One_that_is_revoked_until_then_does_not()
    {
        using var attempt = Attempt();
        attempt.StartsAt = _clock.GetUtcNow() + TimeSpan.FromMilliseconds(8);

        var run = new AwaitInstant(_clock).Run(attempt, Next).AsTask();
        attempt.Stop(StopReason.Revoked);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0, _calls);
    }

    [Fact]
    public void One_that_was_handed_back_does_not_begin_and_one_that_has_begun_is_not_handed_back()
    {
        using var waiting = Attempt();
        using var begun = Attempt();
        begun.OnBegin = () => _calls++;

        waiting.StopUnlessBegun(StopReason.WorkerStops);
        var first = begun.TryBegin();
        begun.StopUnlessBegun(StopReason.WorkerStops);

        Assert.Equal((false, StopReason.WorkerStops), (waiting.TryBegin(), waiting.StopReason));
        Assert.Equal((true, true, StopReason.None, 1), (first, begun.TryBegin(), begun.StopReason, _calls));
    }

    private Attempt Attempt() => new(new TestTaskContext(), new TaskOptions(), invoker: null!, arguments: null, TimeSpan.FromSeconds(5), _clock);

    private ValueTask<Outcome> Next(Attempt attempt)
    {
        _calls++;
        return ValueTask.FromResult<Outcome>(new Outcome.Succeeded(Result: null));
    }
}
