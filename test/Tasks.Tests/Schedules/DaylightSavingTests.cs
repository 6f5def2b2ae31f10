namespace TasksBus.Tests.Schedules;

/// <summary>Hours that do not exist, and hours that come twice.</summary>
public sealed class DaylightSavingTests
{
    private static readonly ExcludedDays Sundays = new() { Weekdays = [DayOfWeek.Sunday] };

    private static readonly (ScheduleTiming Timing, Func<DateTime, bool> Fits, bool GoesThroughBoth)[] Rules =
    [
        (new(ScheduleRule.Cron("30 2 * * *")), time => time is { Hour: 2, Minute: 30 }, false),
        (new(ScheduleRule.Cron("0 0 * * *")), time => time is { Hour: 0, Minute: 0 }, false),
        (new(ScheduleRule.Cron("15,45 0-3 * * *")), time => time is { Hour: <= 3, Minute: 15 or 45 }, false),
        (new(ScheduleRule.Cron("*/20 * * * *")), time => time.Minute % 20 == 0, true),
        (new(ScheduleRule.Calendar(CalendarUnit.Day, new TimeOnly(2, 30))), time => time is { Hour: 2, Minute: 30 }, false),
        (new(ScheduleRule.Calendar(CalendarUnit.Week, new TimeOnly(0, 0), CalendarDay.First(CalendarDayKind.Sunday))), time => time is { DayOfWeek: DayOfWeek.Sunday, Hour: 0, Minute: 0 }, false),
        (new(ScheduleRule.Calendar(CalendarUnit.Month, new TimeOnly(1, 45), CalendarDay.Last(CalendarDayKind.Sunday))), time => time is { DayOfWeek: DayOfWeek.Sunday, Hour: 1, Minute: 45 } && time.AddDays(7).Month != time.Month, false),
        (new(ScheduleRule.Calendar(CalendarUnit.Year, new TimeOnly(2, 15), new CalendarDay(2, CalendarDayKind.Sunday), month: 3)), time => time is { Month: 3, DayOfWeek: DayOfWeek.Sunday, Day: > 7 and <= 14, Hour: 2, Minute: 15 }, false),
        (new(ScheduleRule.Cron("30 2 * * *")) { Excluded = Sundays }, time => time is { DayOfWeek: not DayOfWeek.Sunday, Hour: 2, Minute: 30 }, false),
        (new(ScheduleRule.Cron("*/20 * * * *")) { Excluded = Sundays }, time => time.DayOfWeek != DayOfWeek.Sunday && time.Minute % 20 == 0, true),
        (new(ScheduleRule.Calendar(CalendarUnit.Day, new TimeOnly(0, 0))) { Excluded = Sundays }, time => time is { DayOfWeek: not DayOfWeek.Sunday, Hour: 0, Minute: 0 }, false),
    ];

    /// <remarks>
    /// What must come is found by looking at the clock on the wall each minute: when it shows a time for the first time, or has skipped it, and, for rules
    /// that go through both hours, when it shows one again.
    /// </remarks>
    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/Havana")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Africa/Casablanca")]
    public void In_ten_years_every_time_comes_when_the_clocks_first_show_it_or_have_skipped_it(string zone)
    {
        var (from, to) = (RuleData.Instant("2024-01-01T00:00:00Z"), RuleData.Instant("2034-01-01T00:00:00Z"));
        var expected = ByLookingAtTheClock(TimeZoneInfo.FindSystemTimeZoneById(zone), from, to);

        Assert.All(Rules.Zip(expected), rule =>
        {
            var actual = new TasksBus.Rules.Timetable(rule.First.Timing with { TimeZone = zone }, from).After(from).TakeWhile(instant => instant < to);
            Assert.Equal(rule.Second, actual);
        });
    }

    [Theory]
    [InlineData("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00 2026-03-30T00:30")]
    [InlineData("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30 2026-10-26T01:30")]
    [InlineData("30 * * * *", "2026-10-24T23:45:00Z", "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30")]
    [InlineData("30 * * * *", "2026-03-28T23:45:00Z", "2026-03-29T00:30 2026-03-29T01:00 2026-03-29T01:30")]
    [InlineData("0 30 * * * ?", "2026-10-24T23:45:00Z", "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30")]
    public void In_Berlin_a_skipped_time_comes_with_the_change_and_a_doubled_one_once_unless_every_hour_counts(string expression, string after, string next) =>
        Assert.Equal(next, RuleData.Texts(new ScheduleTiming(ScheduleRule.Cron(expression)) { TimeZone = "Europe/Berlin" }, after, next.Split(' ').Length));

    [Fact]
    public void Calendar_times_follow_the_same_rule() =>
        Assert.Equal(
            "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30",
            RuleData.Texts(new ScheduleTiming(ScheduleRule.Calendar(CalendarUnit.Day, new TimeOnly(2, 30))) { TimeZone = "Europe/Berlin" }, "2026-03-27T12:00:00Z", 3));

    [Fact]
    public void Intervals_do_not_care() =>
        Assert.Equal(
            "2026-03-29T00:30 2026-03-29T01:00 2026-03-29T01:30",
            RuleData.Texts(new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromMinutes(30))) { TimeZone = "Europe/Berlin" }, "2026-03-29T00:00:00Z", 3));

    /// <returns>What must come of each of the rules.</returns>
    private static List<DateTimeOffset>[] ByLookingAtTheClock(TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset to)
    {
        List<DateTimeOffset>[] instants = [.. Rules.Select(_ => new List<DateTimeOffset>())];
        var shown = TimeZoneInfo.ConvertTime(from, zone).DateTime;
        for (var instant = from.AddMinutes(1); instant < to; instant = instant.AddMinutes(1))
        {
            var time = TimeZoneInfo.ConvertTime(instant, zone).DateTime;
            var isAgain = time <= shown;
            List<DateTime> newTimes = [];
            for (; shown < time; shown = shown.AddMinutes(1))
                newTimes.Add(shown.AddMinutes(1));
            foreach (var (rule, list) in Rules.Zip(instants))
            {
                if (newTimes.Exists(rule.Fits.Invoke) || (isAgain && rule.GoesThroughBoth && rule.Fits(time)))
                    list.Add(instant);
            }
        }

        return instants;
    }
}
