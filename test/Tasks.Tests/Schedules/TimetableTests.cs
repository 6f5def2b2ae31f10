using TasksBus.Rules;

namespace TasksBus.Tests.Schedules;

/// <summary>Rules other than cron, and what goes with every rule.</summary>
public sealed class TimetableTests
{
    [Fact]
    public void Intervals_count_from_when_the_schedule_was_put() =>
        Assert.Equal("2026-01-01T12:10 2026-01-01T12:20", RuleData.Texts(new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromMinutes(10))), "2026-01-01T12:00:00Z", 2));

    [Fact]
    public void With_a_start_intervals_count_from_there_and_the_start_is_the_first() =>
        Assert.Equal(
            "2026-01-02T00:00 2026-01-02T07:00",
            RuleData.Texts(new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromHours(7))) { StartAt = RuleData.Instant("2026-01-02T00:00:00Z") }, "2026-01-01T12:00:00Z", 2));

    [Fact]
    public void Nothing_comes_before_the_start_or_after_the_end() =>
        Assert.Equal(
            "2026-01-02T00:00 2026-01-02T12:00 2026-01-03T00:00",
            RuleData.Texts(
                new ScheduleTiming(ScheduleRule.Cron("0 0,12 * * *")) { StartAt = RuleData.Instant("2026-01-02T00:00:00Z"), EndAt = RuleData.Instant("2026-01-03T00:00:00Z") },
                "2026-01-01T00:00:00Z",
                10));

    [Fact]
    public void Once_is_once()
    {
        var rule = ScheduleRule.Once(RuleData.Instant("2026-06-01T10:00:00+02:00"));

        Assert.Equal("2026-06-01T08:00", RuleData.Texts(new ScheduleTiming(rule), "2026-01-01T00:00:00Z", 5));
        Assert.Empty(RuleData.Next(new ScheduleTiming(rule), "2026-06-01T08:00:00Z", 5));
    }

    [Theory]
    [InlineData(CalendarUnit.Month, -1, CalendarDayKind.Weekday, 1, "2026-01-30T18:30 2026-02-27T18:30 2026-03-31T18:30 2026-04-30T18:30 2026-05-29T18:30")]
    [InlineData(CalendarUnit.Month, -1, CalendarDayKind.Day, 1, "2026-01-31T18:30 2026-02-28T18:30 2026-03-31T18:30")]
    [InlineData(CalendarUnit.Month, 31, CalendarDayKind.Day, 1, "2026-01-31T18:30 2026-03-31T18:30 2026-05-31T18:30")]
    [InlineData(CalendarUnit.Month, 2, CalendarDayKind.Tuesday, 3, "2026-01-13T18:30 2026-04-14T18:30 2026-07-14T18:30")]
    [InlineData(CalendarUnit.Week, 1, CalendarDayKind.Monday, 2, "2026-01-12T18:30 2026-01-26T18:30 2026-02-09T18:30")]
    [InlineData(CalendarUnit.Year, -1, CalendarDayKind.Friday, 1, "2026-01-30T18:30 2027-01-29T18:30 2028-01-28T18:30")]
    public void Calendar_intervals_find_their_days(CalendarUnit unit, int number, CalendarDayKind kind, int every, string next) =>
        Assert.Equal(next, RuleData.Texts(new ScheduleTiming(ScheduleRule.Calendar(unit, new TimeOnly(18, 30), new CalendarDay(number, kind), every)), "2026-01-01T00:00:00Z", next.Split(' ').Length));

    [Fact]
    public void Without_a_day_a_calendar_interval_keeps_that_of_its_start() =>
        Assert.Equal("2026-02-10T06:00 2026-03-10T06:00", RuleData.Texts(new ScheduleTiming(ScheduleRule.Calendar(CalendarUnit.Month, new TimeOnly(6, 0))), "2026-01-10T12:00:00Z", 2));

    [Fact]
    public void Excluded_days_are_left_out_in_the_zone_of_the_schedule()
    {
        var timing = new ScheduleTiming(ScheduleRule.Cron("0 0 * * *"))
        {
            TimeZone = "Asia/Tokyo",
            Excluded = new ExcludedDays
            {
                Weekdays = [DayOfWeek.Saturday, DayOfWeek.Sunday],
                Dates = [new DateOnly(2026, 12, 24)],
                Yearly = [new DateOnly(2000, 12, 25), new DateOnly(2000, 1, 1)],
            },
        };

        // In Tokyo the day begins at 15:00 UTC of the day before.
        Assert.Equal(
            "2026-12-22T15:00 2026-12-27T15:00 2026-12-28T15:00 2026-12-29T15:00 2026-12-30T15:00 2027-01-03T15:00",
            RuleData.Texts(timing, "2026-12-22T00:00:00Z", 6));
    }

    [Fact]
    public void Short_intervals_skip_excluded_days_at_once() =>
        Assert.Equal(
            "2026-01-05T00:00",
            RuleData.Texts(
                new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromMilliseconds(1))) { Excluded = new ExcludedDays { Weekdays = [DayOfWeek.Saturday, DayOfWeek.Sunday] } },
                "2026-01-03T00:00:00Z",
                1));

    [Fact]
    public void Jitter_is_spread_evenly_always_the_same_for_an_instant_and_differs_between_schedules()
    {
        var timetable = new Timetable(new ScheduleTiming(ScheduleRule.Every(TimeSpan.FromMinutes(1))) { Jitter = TimeSpan.FromSeconds(10) }, DateTimeOffset.UnixEpoch);
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        var instants = timetable.After(DateTimeOffset.UnixEpoch).Take(1_000).ToList();

        var delays = instants.ConvertAll(instant => timetable.ComesAt(one, instant) - instant);

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
        Assert.InRange(delays.Average(delay => delay.TotalSeconds), 4, 6);
        Assert.Equal(delays, instants.Select(instant => timetable.ComesAt(one, instant) - instant));
        Assert.NotEqual(delays, instants.Select(instant => timetable.ComesAt(other, instant) - instant));
    }

    private static (ScheduleTiming Timing, string Field, string Holds)[] Wrong =>
    [
        (new(ScheduleRule.Every(TimeSpan.Zero)), "Interval is '00:00:00'", "1 millisecond to 10 years"),
        (new(ScheduleRule.Cron("* * * * *")) { TimeZone = "Europe/Berln" }, "TimeZone is 'Europe/Berln'", "Did you mean 'Europe/Berlin'?"),
        (new(ScheduleRule.Cron("* * * * *")) { Jitter = TimeSpan.FromDays(2) }, "Jitter is '2.00:00:00'", "0 to 1 day"),
        (new(ScheduleRule.Cron("* * * * *")) { MissedAfter = TimeSpan.Zero }, "MissedAfter is '00:00:00'", "1 second to 1 day"),
        (new(ScheduleRule.Cron("* * * * *")) { MaxMissedRuns = 0 }, "MaxMissedRuns is '0'", "1 to 10,000"),
        (new(ScheduleRule.Cron("* * * * *")) { History = 0 }, "History is '0'", "1 to 1,000"),
        (new(ScheduleRule.Cron("* * * * *")) { Missed = (MissedRule)9 }, "Missed is '9'", "RunOnce, RunAll, Skip"),
        (new(ScheduleRule.Cron("* * * * *")) { Overlap = (OverlapRule)9 }, "Overlap is '9'", "Allow, Skip, QueueOne, RevokePrevious"),
        (new(ScheduleRule.Cron("* * * * *")) { StartAt = RuleData.Instant("2026-01-02T00:00:00Z"), EndAt = RuleData.Instant("2026-01-01T00:00:00Z") }, "EndAt is", "not before StartAt"),
        (new(ScheduleRule.Cron("* * * * *")) { Excluded = new ExcludedDays { Weekdays = Enum.GetValues<DayOfWeek>() } }, "Excluded is 'all days of the week'", "nothing would ever come"),
        (new(ScheduleRule.Cron("* * * * *")) { Excluded = new ExcludedDays { Yearly = [.. Enumerable.Range(0, 366).Select(new DateOnly(2024, 1, 1).AddDays)] } }, "Excluded is 'all days of the year'", "nothing would ever come"),
        (new(ScheduleRule.Solar(SolarEvent.Sunset, 91, 0)), "Latitude is '91'", "−90 to 90 degrees"),
        (new(ScheduleRule.Solar(SolarEvent.Sunset, 0, 181)), "Longitude is '181'", "−180 to 180 degrees"),
        (new(ScheduleRule.Solar((SolarEvent)9, 0, 0)), "Event is '9'", "DawnAstronomical"),
        (new(ScheduleRule.Calendar(CalendarUnit.Month, TimeOnly.MinValue, new CalendarDay(0, CalendarDayKind.Day))), "Number is '0'", "1 to 31, or −1 to −31"),
        (new(ScheduleRule.Calendar(CalendarUnit.Month, TimeOnly.MinValue, new CalendarDay(6, CalendarDayKind.Monday))), "Number is '6'", "1 to 5"),
        (new(ScheduleRule.Calendar(CalendarUnit.Year, TimeOnly.MinValue, new CalendarDay(30, CalendarDayKind.Day), month: 2)), "Number is '30', a Day that month 2 never has", "1 to 29"),
        (new(ScheduleRule.Calendar(CalendarUnit.Year, TimeOnly.MinValue, new CalendarDay(-31, CalendarDayKind.Day), month: 6)), "Number is '-31'", "−1 to −30"),
        (new(ScheduleRule.Calendar(CalendarUnit.Year, TimeOnly.MinValue, new CalendarDay(23, CalendarDayKind.Weekday), month: 4)), "Number is '23', a Weekday", "1 to 22"),
        (new(ScheduleRule.Calendar(CalendarUnit.Month, TimeOnly.MinValue, new CalendarDay(31, CalendarDayKind.Day), every: 12)) { StartAt = RuleData.Instant("2026-04-01T00:00:00Z") }, "month 4 never has", "1 to 30"),
        (new(ScheduleRule.Calendar(CalendarUnit.Week, TimeOnly.MinValue, CalendarDay.Last(CalendarDayKind.Monday))), "On is", "number 1"),
        (new(ScheduleRule.Calendar(CalendarUnit.Day, TimeOnly.MinValue, CalendarDay.Last(CalendarDayKind.Day))), "On is", "nothing if Unit is Day"),
        (new(ScheduleRule.Calendar(CalendarUnit.Month, TimeOnly.MinValue, month: 3)), "Month is '3'", "nothing unless Unit is Year"),
        (new(ScheduleRule.Calendar(CalendarUnit.Year, TimeOnly.MinValue, month: 13)), "Month is '13'", "1 to 12"),
        (new(ScheduleRule.Calendar(CalendarUnit.Day, TimeOnly.MinValue, every: 0)), "Step is '0'", "1 to 1,000"),
    ];

    [Fact]
    public void A_timing_that_cannot_be_is_refused_with_its_field_and_what_that_may_hold() =>
        Assert.All(Wrong, wrong =>
        {
            var error = Assert.Throws<FormatException>(() => new Timetable(wrong.Timing, DateTimeOffset.UnixEpoch));

            Assert.Contains(wrong.Field, error.Message, StringComparison.Ordinal);
            Assert.Contains(wrong.Holds, error.Message, StringComparison.Ordinal);
        });
}
