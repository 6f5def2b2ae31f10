namespace TasksBus.Tests.Schedules;

/// <summary>What is kept of how runs have ended.</summary>
public sealed class OutcomeTests
{
    private static readonly ScheduleTiming Hourly = new(ScheduleRule.Cron("0 * * * *"));

    private readonly ScheduleRig _rig = new();

    [Fact]
    public async Task How_a_run_has_ended_is_kept_a_minute_after_it_and_known_when_its_record_has_expired()
    {
        await _rig.Put(Hourly);
        await _rig.LookAt("01:00");
        var (lookAt, outcome) = (_rig.Alarm, Ends(_rig.DoneIds[0], TaskState.Failed));

        await _rig.LookAt("01:01");
        _rig.Outcomes.Clear();
        await _rig.LookAt("02:00");
        await _rig.LookAt("02:01");

        Assert.Equal(RuleData.Instant("2026-01-01T01:01:00Z"), lookAt);
        Assert.Equal(outcome, (await _rig.Schedule())!.Outcome);
        Assert.Equal(RuleData.Instant("2026-01-01T03:00:00Z"), _rig.Alarm);
    }

    [Fact]
    public async Task A_run_that_has_not_ended_is_looked_at_each_minute_until_it_has()
    {
        await _rig.Put(Hourly);
        await _rig.LookAt("01:00");
        _rig.UnderWay.Add(_rig.DoneIds[0]);

        await _rig.LookAt("01:01");
        var (early, lookAgainAt) = ((await _rig.Schedule())!.Outcome, _rig.Alarm);
        _rig.UnderWay.Clear();
        var outcome = Ends(_rig.DoneIds[0], TaskState.Succeeded);
        await _rig.LookAt("01:02");

        Assert.Null(early);
        Assert.Equal(RuleData.Instant("2026-01-01T01:02:00Z"), lookAgainAt);
        Assert.Equal(outcome, (await _rig.Schedule())!.Outcome);
        Assert.Equal(RuleData.Instant("2026-01-01T02:00:00Z"), _rig.Alarm);
    }

    [Fact]
    public async Task The_end_of_the_last_run_of_a_schedule_that_is_over_or_paused_is_kept_too()
    {
        await _rig.Put(new ScheduleTiming(ScheduleRule.Once(RuleData.Instant("2026-01-01T01:00:00Z"))));
        await _rig.LookAt("01:00");
        await _rig.Book.Pause("tests", ScheduleRig.Name);
        var outcome = Ends(_rig.DoneIds[0], TaskState.Revoked);

        await _rig.LookAt("01:01");

        Assert.Equal(outcome, (await _rig.Schedule())!.Outcome);
    }

    [Fact]
    public async Task Nobody_looks_at_runs_that_come_more_often()
    {
        await _rig.Put(new ScheduleTiming(ScheduleRule.Cron("*/30 * * * * ?")));
        await _rig.LookAt("00:01");
        Ends(_rig.DoneIds[^1], TaskState.Succeeded);

        _rig.Clock.Advance(TimeSpan.FromSeconds(30));
        await _rig.Look();

        Assert.Null((await _rig.Schedule())!.Outcome);
        Assert.Equal(RuleData.Instant("2026-01-01T00:02:00Z"), _rig.Alarm);
    }

    private ScheduleOutcome Ends(Guid id, TaskState state) => _rig.Outcomes[id] = new ScheduleOutcome(id, state, _rig.Clock.GetUtcNow(), $"{state}");
}
