using Microsoft.Extensions.Time.Testing;

using TasksBus.Execution;

namespace TasksBus.Tests.Execution;

/// <summary>The turns of runs that start one after the other.</summary>
public sealed class TurnTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_turn_ends_when_its_handler_has_run_for_ten_seconds_and_not_while_it_waits_to_be_called()
    {
        using var one = new SemaphoreSlim(initialCount: 1);
        await one.WaitAsync();
        using var turn = new Turn(one, _clock);

        _clock.Advance(TimeSpan.FromMinutes(1));
        var waiting = one.CurrentCount;
        turn.Begin();
        _clock.Advance(TimeSpan.FromSeconds(9));
        var running = one.CurrentCount;
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((0, 0, 1), (waiting, running, one.CurrentCount));
    }

    [Fact]
    public async Task A_turn_is_given_back_once()
    {
        using var one = new SemaphoreSlim(initialCount: 1);
        await one.WaitAsync();
        var turn = new Turn(one, _clock);
        turn.Begin();

        _clock.Advance(TimeSpan.FromSeconds(10));
        turn.Dispose();
        turn.Dispose();

        Assert.Equal(1, one.CurrentCount);
    }
}
