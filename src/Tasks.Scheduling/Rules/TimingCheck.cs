namespace TasksBus.Rules;

/// <summary>Holds timings against what they may hold.</summary>
internal static class TimingCheck
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Before the first that a cron expression may name.</summary>
    private static readonly DateTime FirstYear = new(1969, 12, 31);

    /// <exception cref="FormatException">The timing cannot be; the message names the field and says what it may hold.</exception>
    public static void Check(ScheduleTiming timing)
    {
        CheckRule(timing.Rule);
        Require(timing.Jitter >= TimeSpan.Zero && timing.Jitter <= Day, nameof(timing.Jitter), timing.Jitter, "0 to 1 day");
        Require(timing.MissedAfter >= TimeSpan.FromSeconds(1) && timing.MissedAfter <= Day, nameof(timing.MissedAfter), timing.MissedAfter, "1 second to 1 day");
        Require(timing.MaxMissedRuns is >= 1 and <= 10_000, nameof(timing.MaxMissedRuns), timing.MaxMissedRuns, "1 to 10,000");
        Require(timing.History is >= 1 and <= 1_000, nameof(timing.History), timing.History, "1 to 1,000");
        Require(Enum.IsDefined(timing.Missed), nameof(timing.Missed), timing.Missed, string.Join(", ", Enum.GetNames<MissedRule>()));
        Require(Enum.IsDefined(timing.Overlap), nameof(timing.Overlap), timing.Overlap, string.Join(", ", Enum.GetNames<OverlapRule>()));
        Require(!(timing.EndAt < timing.StartAt), nameof(timing.EndAt), timing.EndAt, $"an instant that is not before {nameof(timing.StartAt)}, {timing.StartAt:O}");
        Require(timing.Excluded?.Weekdays.Distinct().Count() is null or < 7, nameof(timing.Excluded), "all days of the week", "six of them at most: nothing would ever come");
        Require(timing.Excluded?.Yearly.Select(day => (day.Month, day.Day)).Distinct().Count() is null or < 366, nameof(timing.Excluded), "all days of the year", "365 of them at most: nothing would ever come");
    }

    private static void CheckRule(ScheduleRule rule)
    {
        switch (rule)
        {
            case IntervalRule interval:
                Require(interval.Interval >= TimeSpan.FromMilliseconds(1) && interval.Interval <= TimeSpan.FromDays(3_660), nameof(interval.Interval), interval.Interval, "1 millisecond to 10 years");
                break;
            case CronRule cron:
                CheckCron(cron.Expression);
                break;
            case CalendarRule calendar:
                CheckCalendar(calendar);
                break;
            case SolarRule solar:
                Require(Enum.IsDefined(solar.Event), nameof(solar.Event), solar.Event, string.Join(", ", Enum.GetNames<SolarEvent>()));
                Require(Math.Abs(solar.Latitude) <= 90, nameof(solar.Latitude), solar.Latitude, "−90 to 90 degrees, north is positive");
                Require(Math.Abs(solar.Longitude) <= 180, nameof(solar.Longitude), solar.Longitude, "−180 to 180 degrees, east is positive");
                break;
        }
    }

    private static void CheckCron(string expression)
    {
        IWallTimes times;
        try
        {
            times = CronReader.Read(expression);
        }
        catch (FormatException fault)
        {
            throw new FormatException($"Cron expression '{expression}': {fault.Message}", fault);
        }

        if (times.Next(FirstYear) is null)
            throw new FormatException($"Cron expression '{expression}': there is no such day in any month. Correct day of month, month, day of week or year.");
    }

    private static void CheckCalendar(CalendarRule rule)
    {
        Require(Enum.IsDefined(rule.Unit), nameof(rule.Unit), rule.Unit, string.Join(", ", Enum.GetNames<CalendarUnit>()));
        Require(rule.Step is >= 1 and <= 1_000, nameof(rule.Step), rule.Step, "1 to 1,000");
        Require(rule.Month is null or (>= 1 and <= 12), nameof(rule.Month), rule.Month, "1 to 12");
        Require(rule.Month is null || rule.Unit == CalendarUnit.Year, nameof(rule.Month), rule.Month, $"nothing unless {nameof(rule.Unit)} is {nameof(CalendarUnit.Year)}");
        if (rule.On is not { } on)
            return;
        Require(rule.Unit != CalendarUnit.Day, nameof(rule.On), on, $"nothing if {nameof(rule.Unit)} is {nameof(CalendarUnit.Day)}");
        Require(Enum.IsDefined(on.Kind), nameof(on.Kind), on.Kind, string.Join(", ", Enum.GetNames<CalendarDayKind>()));
        if (rule.Unit == CalendarUnit.Week)
            Require(on.Number == 1 && on.Kind != CalendarDayKind.Day, nameof(rule.On), on, $"number 1 of a kind other than {nameof(CalendarDayKind.Day)}, as in {nameof(CalendarDay.First)}({nameof(CalendarDayKind.Monday)})");
        else
            Require(MostIn(on.Kind) is var most && on.Number != 0 && Math.Abs(on.Number) <= most, nameof(on.Number), on.Number, $"1 to {most}, or −1 to −{most} from the end");
    }

    private static int MostIn(CalendarDayKind kind) => kind switch
    {
        CalendarDayKind.Day => 31,
        CalendarDayKind.Weekday => 23,
        _ => 5,
    };

    private static void Require(bool isRight, string name, object? value, string holds)
    {
        if (!isRight)
            throw new FormatException($"{name} is '{value}'. It may hold {holds}.");
    }
}
