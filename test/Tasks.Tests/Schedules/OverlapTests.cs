namespace TasksBus.Tests.Schedules;

/// <summary>What becomes of an occurrence while the run of the one before has not ended.</summary>
public sealed class OverlapTests
{
    private readonly ScheduleRig _rig = new();

    [Theory]
    [InlineData(OverlapRule.Allow, "01:00 02:00 03:00", "01:00Su 02:00Su 03:00Su")]
    [InlineData(OverlapRule.Skip, "01:00", "01:00Su 02:00Sk 03:00Sk")]
    [InlineData(OverlapRule.QueueOne, "01:00", "01:00Su 02:00Wa 03:00Sk")]
    [InlineData(OverlapRule.RevokePrevious, "01:00 02:00 03:00", "01:00Su 02:00Su 03:00Su")]
    public async Task While_the_run_before_goes_on_an_occurrence_runs_is_skipped_waits_or_takes_its_place(OverlapRule rule, string done, string history)
    {
        await _rig.Put(Hourly(rule));

        await _rig.LookAt("01:00");
        _rig.UnderWay.Add(_rig.DoneIds[0]);
        await _rig.LookAt("02:00");
        await _rig.LookAt("03:00");

        Assert.Equal(done, _rig.Done);
        Assert.Equal(history, await _rig.History());
        Assert.Equal(rule == OverlapRule.RevokePrevious ? [_rig.DoneIds[0]] : [], _rig.Revoked);
    }

    [Fact]
    public async Task The_one_that_waits_runs_when_the_run_before_has_ended_and_the_next_may_wait_then()
    {
        await _rig.Put(Hourly(OverlapRule.QueueOne));
        await _rig.LookAt("01:00");
        _rig.UnderWay.Add(_rig.DoneIds[0]);
        await _rig.LookAt("02:00");
        _rig.Clock.AdjustTime(RuleData.Instant("2026-01-01T02:20:00Z"));

        // Whoever waits for the end sets the alarm.
        _rig.UnderWay.Clear();
        _rig.End.SetResult();
        await Eventually(() => _rig.Alarm == RuleData.Instant("2026-01-01T02:20:00Z"));
        await _rig.Look();
        _rig.UnderWay.Add(_rig.DoneIds[1]);
        await _rig.LookAt("03:00");

        Assert.Equal("01:00 02:00", _rig.Done);
        Assert.Equal("01:00Su 02:00Su 03:00Wa", await _rig.History());
        Assert.Equal(RuleData.Instant("2026-01-01T03:00:00Z"), (await _rig.Schedule())!.Waiting);
    }

    [Fact]
    public async Task The_one_that_waits_goes_first_though_the_run_before_ends_while_somebody_looks()
    {
        await _rig.Put(Hourly(OverlapRule.QueueOne));
        await _rig.LookAt("01:00");
        _rig.UnderWay.Add(_rig.DoneIds[0]);
        await _rig.LookAt("02:00");

        _rig.AfterLook = _rig.UnderWay.Clear;
        await _rig.LookAt("03:00");
        await _rig.Look();

        Assert.Equal("01:00 02:00 03:00", _rig.Done);
    }

    [Fact]
    public async Task What_a_node_records_that_was_held_still_takes_nothing_from_what_another_has_done_since()
    {
        var (other, held) = (new ScheduleRig(_rig), Hold());
        await _rig.Put(Hourly(OverlapRule.Skip));
        _rig.Clock.AdjustTime(RuleData.Instant("2026-01-01T01:00:00Z"));
        var late = _rig.Look();
        await other.Look();
        await other.LookAt("02:00");
        other.UnderWay.Add(other.DoneIds[^1]);

        held.SetResult();
        await late;
        await other.LookAt("03:00");

        Assert.Equal("01:00Su 02:00Su 03:00Sk", await _rig.History());
    }

    [Fact]
    public async Task What_a_node_records_that_was_held_still_leaves_what_waits_since()
    {
        var other = new ScheduleRig(_rig);
        await _rig.Put(Hourly(OverlapRule.QueueOne));
        await _rig.LookAt("01:00");
        _rig.UnderWay.Add(_rig.DoneIds[0]);
        await _rig.LookAt("02:00");
        _rig.UnderWay.Clear();
        var held = Hold();
        var late = _rig.Look();
        await other.Look();
        other.UnderWay.Add(other.DoneIds[^1]);
        await other.LookAt("03:00");

        held.SetResult();
        await late;

        Assert.Equal("01:00Su 02:00Su 03:00Wa", await _rig.History());
        Assert.Equal(RuleData.Instant("2026-01-01T03:00:00Z"), (await _rig.Schedule())!.Waiting);
    }

    [Fact]
    public async Task Once_the_run_before_has_ended_nothing_is_skipped()
    {
        await _rig.Put(Hourly(OverlapRule.Skip));

        await _rig.LookAt("01:00");
        await _rig.LookAt("02:00");

        Assert.Equal("01:00 02:00", _rig.Done);
    }

    /// <summary>Holds what this node does next until it is set.</summary>
    private TaskCompletionSource Hold()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _rig.Held = held.Task;
        return held;
    }

    private async Task Eventually(Func<bool> isSo)
    {
        while (!isSo())
            await _rig.AlarmSet.WaitAsync(TaskQueueFixture.Patience);
    }

    private static ScheduleTiming Hourly(OverlapRule rule) => new(ScheduleRule.Cron("0 * * * *")) { Overlap = rule };
}
