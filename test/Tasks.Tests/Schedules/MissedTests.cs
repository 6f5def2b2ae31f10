namespace TasksBus.Tests.Schedules;

/// <summary>What becomes of occurrences that nobody looked at in time, and of clocks that jump.</summary>
public sealed class MissedTests
{
    private readonly ScheduleRig _rig = new();

    [Theory]
    [InlineData(MissedRule.RunOnce, "05:00", "04:00Mi 05:00Su")]
    [InlineData(MissedRule.RunAll, "01:00 02:00 03:00 04:00 05:00", "01:00Su 02:00Su 03:00Su 04:00Su 05:00Su")]
    [InlineData(MissedRule.Skip, "", "05:00Mi")]
    public async Task Missed_occurrences_are_run_once_all_or_not_at_all(MissedRule rule, string done, string history)
    {
        await _rig.Put(Hourly() with { Missed = rule });

        await _rig.LookAt("05:30");
        await _rig.Look();

        Assert.Equal(done, _rig.Done);
        Assert.Equal(history, await _rig.History());
        Assert.Equal(RuleData.Instant("2026-01-01T06:00:00Z"), await _rig.NextAt());
    }

    [Fact]
    public async Task Of_very_many_missed_ones_the_latest_are_run()
    {
        await _rig.Put(Hourly() with { Missed = MissedRule.RunAll, MaxMissedRuns = 3 });

        await _rig.LookAt("05:30");

        Assert.Equal("03:00 04:00 05:00", _rig.Done);
        Assert.Equal("02:00Mi 03:00Su 04:00Su 05:00Su", await _rig.History());
        Assert.Contains("2 were left out (RunAll)", (await _rig.Schedule())!.History[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_missed_ones_are_run_than_may_be_however_many_that_are()
    {
        await _rig.Put(new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromSeconds(1))) { Missed = MissedRule.RunAll, MaxMissedRuns = 2_000 });
        _rig.Clock.Advance(TimeSpan.FromDays(10));

        await _rig.Look();

        Assert.InRange(_rig.DoneIds.Count, 2_000, 2_060);
    }

    [Fact]
    public async Task What_is_late_by_less_than_MissedAfter_is_run_although_missed_ones_are_skipped()
    {
        await _rig.Put(Hourly() with { Missed = MissedRule.Skip, MissedAfter = TimeSpan.FromMinutes(40) });

        await _rig.LookAt("05:30");

        Assert.Equal("05:00", _rig.Done);
        Assert.Equal("04:00Mi 05:00Su", await _rig.History());
    }

    [Fact]
    public async Task What_is_late_by_less_than_MissedAfter_is_run_beside_the_one_for_all_missed_ones()
    {
        await _rig.Put(Hourly() with { Missed = MissedRule.RunOnce, MissedAfter = TimeSpan.FromMinutes(100) });

        await _rig.LookAt("05:30");

        Assert.Equal("03:00 04:00 05:00", _rig.Done);
        Assert.Equal("02:00Mi 03:00Su 04:00Su 05:00Su", await _rig.History());
    }

    [Theory]
    [InlineData(MissedRule.RunOnce, 1)]
    [InlineData(MissedRule.RunAll, 100)]
    [InlineData(MissedRule.Skip, 60)]
    public async Task Ten_years_of_missed_seconds_are_judged_at_once(MissedRule rule, int done)
    {
        await _rig.Put(new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromSeconds(1))) { Missed = rule });
        _rig.Clock.Advance(TimeSpan.FromDays(3_650));

        await _rig.Look();

        // Besides, what is late by less than a minute is not missed.
        Assert.InRange(_rig.DoneIds.Count, done, done + 60);
        Assert.Equal(_rig.Clock.GetUtcNow() + TimeSpan.FromSeconds(1), _rig.Alarm);
    }

    [Fact]
    public async Task A_clock_that_jumps_back_repeats_nothing_and_one_that_jumps_forth_loses_nothing()
    {
        await _rig.Put(Hourly() with { Missed = MissedRule.RunAll });

        await _rig.LookAt("01:00");
        await _rig.LookAt("02:00");
        await _rig.LookAt("00:30");
        await _rig.LookAt("01:00");
        await _rig.LookAt("02:00");
        await _rig.LookAt("07:10");
        await _rig.LookAt("03:00");
        await _rig.LookAt("08:00");

        Assert.Equal("01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00", _rig.Done);
    }

    [Theory]
    [InlineData(MissedRule.RunOnce, "01:00 10:00 03:00 04:00 09:00 11:00")]
    [InlineData(MissedRule.RunAll, "01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00 09:00 10:00 11:00")]
    [InlineData(MissedRule.Skip, "01:00 03:00 04:00 10:00 11:00")]
    public async Task What_a_clock_that_was_ahead_has_judged_too_soon_comes_when_it_is_right_unless_it_was_run(MissedRule rule, string done)
    {
        await _rig.Put(Hourly() with { Missed = rule });
        await _rig.LookAt("01:00");
        await _rig.LookAt("10:10");

        await _rig.LookAt("02:01");
        var alarm = _rig.Alarm;
        foreach (var time in (string[])["03:00", "04:00", "10:00", "11:00"])
        {
            if (time == "10:00")
                await _rig.LookAt("09:59");
            await _rig.LookAt(time);
        }

        Assert.Equal(RuleData.Instant("2026-01-01T03:00:00Z"), alarm);
        Assert.Equal(done, _rig.Done);
    }

    [Fact]
    public async Task What_would_have_come_while_it_was_paused_is_not_missed()
    {
        await _rig.Put(Hourly() with { Missed = MissedRule.RunAll });
        await _rig.LookAt("01:00");
        await _rig.Book.Pause("tests", ScheduleRig.Name);

        await _rig.LookAt("04:10");
        await _rig.Book.Resume("tests", ScheduleRig.Name);
        await _rig.LookAt("05:00");

        Assert.Equal("01:00 05:00", _rig.Done);
    }

    [Fact]
    public async Task An_occurrence_that_comes_with_jitter_comes_later_but_is_that_of_its_instant()
    {
        await _rig.Put(Hourly() with { Jitter = TimeSpan.FromMinutes(30) });
        await _rig.LookAt("00:30");
        var alarm = _rig.Alarm!.Value;

        await _rig.LookAt("01:00");
        var tooSoon = _rig.Done;
        _rig.Clock.AdjustTime(alarm);
        await _rig.Look();

        Assert.InRange(alarm, RuleData.Instant("2026-01-01T01:00:01Z"), RuleData.Instant("2026-01-01T01:30:00Z"));
        Assert.Equal(("", "01:00"), (tooSoon, _rig.Done));
    }

    private static ScheduleTiming Hourly() => new(ScheduleRule.Cron("0 * * * *"));
}
