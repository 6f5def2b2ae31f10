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
    public async Task Once_the_run_before_has_ended_nothing_is_skipped()
    {
        await _rig.Put(Hourly(OverlapRule.Skip));

        await _rig.LookAt("01:00");
        await _rig.LookAt("02:00");

        Assert.Equal("01:00 02:00", _rig.Done);
    }

    private async Task Eventually(Func<bool> isSo)
    {
        while (!isSo())
            await _rig.AlarmSet.WaitAsync(TaskQueueFixture.Patience);
    }

    private static ScheduleTiming Hourly(OverlapRule rule) => new(ScheduleRule.Cron("0 * * * *")) { Overlap = rule };
}
