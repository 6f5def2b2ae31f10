using TasksBus.Schedules;

namespace TasksBus.Tests.Schedules;

/// <summary>Occurrences: one for each instant, whoever does it, and whatever goes wrong.</summary>
public sealed class OccurrenceTests
{
    private readonly ScheduleRig _rig = new();

    [Fact]
    public void The_id_of_an_occurrence_is_made_of_the_schedule_and_the_instant_and_sorts_by_time()
    {
        var at = RuleData.Instant("2026-01-01T12:00:00Z");

        Assert.Equal(ScheduleIds.OfOccurrence("tasks", "a", at), ScheduleIds.OfOccurrence("tasks", "a", at.ToOffset(TimeSpan.FromHours(2))));
        Assert.NotEqual(ScheduleIds.OfOccurrence("tasks", "a", at), ScheduleIds.OfOccurrence("tasks", "b", at));
        Assert.NotEqual(ScheduleIds.OfOccurrence("tasks", "a", at), ScheduleIds.OfOccurrence("others", "a", at));
        Assert.True(string.CompareOrdinal(ScheduleIds.OfOccurrence("tasks", "a", at).ToString(), ScheduleIds.OfOccurrence("tasks", "a", at.AddMilliseconds(1)).ToString()) < 0);
        Assert.Equal(8, ScheduleIds.OfOccurrence("tasks", "a", at).Version);
    }

    [Fact]
    public async Task What_two_nodes_do_at_once_has_the_same_ids_and_is_remembered_once()
    {
        await _rig.Put(new ScheduleTiming(ScheduleRule.Cron("*/10 * * * *")) { Missed = MissedRule.RunAll, MissedAfter = TimeSpan.FromDays(1) });
        var other = new ScheduleRig(_rig);
        _rig.Clock.AdjustTime(RuleData.Instant("2026-01-01T01:00:00Z"));

        await Task.WhenAll(_rig.Look(), other.Look(), Task.Run(_rig.Look), Task.Run(other.Look));

        Assert.Equal(6, _rig.DoneIds.Distinct().Count());
        Assert.Equal("00:10Su 00:20Su 00:30Su 00:40Su 00:50Su 01:00Su", await _rig.History());
    }

    [Fact]
    public async Task An_occurrence_that_could_not_be_submitted_is_tried_again_under_the_same_id()
    {
        await _rig.Put(Hourly());
        _rig.Error = new SubmitException(Guid.NewGuid(), "The broker is away.");

        await _rig.LookAt("01:00");
        var (retry, history) = (_rig.Alarm, await _rig.History());
        _rig.Error = null;
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await _rig.Look();

        Assert.Equal(RuleData.Instant("2026-01-01T01:00:01Z"), retry);
        Assert.Equal("", history);
        Assert.Equal("01:00", _rig.Done);
        Assert.Equal(ScheduleIds.OfOccurrence("tests", ScheduleRig.Name, RuleData.Instant("2026-01-01T01:00:00Z")), _rig.DoneIds[0]);
    }

    [Fact]
    public async Task An_occurrence_that_is_refused_is_remembered_with_the_reason_and_the_next_one_comes()
    {
        await _rig.Put(Hourly());
        _rig.Error = new InvalidOperationException("The queue is gone.");

        await _rig.LookAt("01:00");
        _rig.Error = null;
        await _rig.LookAt("02:00");

        Assert.Equal("01:00Fa 02:00Su", await _rig.History());
        Assert.Equal("The queue is gone.", (await _rig.Schedule())!.History[0].Note);
    }

    [Fact]
    public async Task The_history_is_bounded()
    {
        await _rig.Put(Hourly() with { History = 2 });

        foreach (var time in (string[])["01:00", "02:00", "03:00"])
            await _rig.LookAt(time);

        Assert.Equal("02:00Su 03:00Su", await _rig.History());
    }

    [Fact]
    public async Task Putting_it_again_lets_its_instants_go_on_unless_its_timing_changes()
    {
        await _rig.Put(Every(20));
        await _rig.LookAt("00:20");
        _rig.Clock.AdjustTime(RuleData.Instant("2026-01-01T00:30:00Z"));

        await _rig.Put(Every(20));
        var same = await _rig.NextAt();
        await _rig.Put(Every(25));
        var changed = await _rig.NextAt();

        Assert.Equal(RuleData.Instant("2026-01-01T00:40:00Z"), same);
        Assert.Equal(RuleData.Instant("2026-01-01T00:55:00Z"), changed);
        Assert.Equal("00:20Su", await _rig.History());
    }

    [Fact]
    public async Task Putting_a_cron_expression_again_without_a_start_that_is_over_leaves_what_is_due()
    {
        await _rig.Put(Hourly() with { StartAt = RuleData.Instant("2026-01-01T00:30:00Z") });
        await _rig.LookAt("01:00");
        _rig.Clock.AdjustTime(RuleData.Instant("2026-01-01T02:00:30Z"));

        await _rig.Put(Hourly());
        await _rig.Look();

        Assert.Equal("01:00 02:00", _rig.Done);
    }

    [Fact]
    public async Task A_removed_schedule_does_nothing_and_starts_anew_when_it_is_put_again()
    {
        await _rig.Put(Hourly());
        await _rig.LookAt("01:00");
        await _rig.Book.Remove("tests", ScheduleRig.Name);

        await _rig.LookAt("03:10");
        var gone = await _rig.Schedule();
        await _rig.Put(Hourly());
        await _rig.LookAt("04:00");

        Assert.Null(gone);
        Assert.Equal("01:00 04:00", _rig.Done);
    }

    private static ScheduleTiming Hourly() => new(ScheduleRule.Cron("0 * * * *"));

    private static ScheduleTiming Every(int minutes) => new(ScheduleRule.Every(TimeSpan.FromMinutes(minutes)));
}
