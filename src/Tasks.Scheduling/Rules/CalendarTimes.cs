using Quartz.Impl.Triggers;

namespace TasksBus.Rules;

/// <summary>Every so many days, weeks, months or years, as Quartz's recurrence trigger has it.</summary>
internal sealed class CalendarTimes : IWallTimes
{
    private const int LeapYear = 2024;

    private readonly RecurrenceTriggerImpl _trigger;

    /// <param name="rule">The rule.</param>
    /// <param name="from">The time from which it counts.</param>
    /// <exception cref="FormatException">The rule names a day that none of its months has.</exception>
    public CalendarTimes(CalendarRule rule, DateTime from)
    {
        CheckDay(rule, from);
        var start = from.Date + rule.At.ToTimeSpan();
        _trigger = new RecurrenceTriggerImpl("times", "rules", Recurrence(rule, from)) { TimeZone = TimeZoneInfo.Utc, StartTimeUtc = new DateTimeOffset(start, TimeSpan.Zero) };
    }

    public bool GoThroughBothHours => false;

    public DateTime? Next(DateTime after) => _trigger.GetFireTimeAfter(new DateTimeOffset(after, TimeSpan.Zero))?.DateTime;

    /// <remarks>Of such a day Quartz (4) looks for the next one until the calendar ends.</remarks>
    private static void CheckDay(CalendarRule rule, DateTime from)
    {
        if (rule.On is not { Kind: CalendarDayKind.Day or CalendarDayKind.Weekday } on || MonthsOf(rule, from).ToList() is not [_, ..] months)
            return;
        var most = months.Max(month => on.Kind == CalendarDayKind.Day ? DateTime.DaysInMonth(LeapYear, month) : MostWeekdays(DateTime.DaysInMonth(LeapYear, month)));
        if (Math.Abs(on.Number) > most)
            throw new FormatException($"{nameof(on.Number)} is '{on.Number}', a {on.Kind} that month {string.Join(", ", months)} never has. It may hold 1 to {most}, or −1 to −{most} from the end.");
    }

    /// <summary>The months that a rule of months or years comes to.</summary>
    private static IEnumerable<int> MonthsOf(CalendarRule rule, DateTime from) => rule.Unit switch
    {
        CalendarUnit.Year => [rule.Month ?? from.Month],
        CalendarUnit.Month => Enumerable.Range(0, 12).Select(step => ((from.Month - 1 + (step * rule.Step)) % 12) + 1).Distinct().Order(),
        _ => [],
    };

    /// <summary>In so many days that begin with a Monday.</summary>
    private static int MostWeekdays(int days) => 20 + Math.Min(days - 28, 5);

    /// <summary>The rule as RFC 5545 writes it.</summary>
    private static string Recurrence(CalendarRule rule, DateTime from)
    {
        var on = rule.On ?? DayOf(rule.Unit, from);
        var day = on switch
        {
            null => "",
            { Kind: CalendarDayKind.Day } => $";BYMONTHDAY={on.Number}",
            _ => $";BYDAY={Days(on.Kind)}" + (rule.Unit == CalendarUnit.Week ? "" : $";BYSETPOS={on.Number}"),
        };
        var month = rule.Unit == CalendarUnit.Year ? $";BYMONTH={rule.Month ?? from.Month}" : "";
        return $"FREQ={Frequency(rule.Unit)};INTERVAL={rule.Step}{month}{day}";
    }

    private static CalendarDay? DayOf(CalendarUnit unit, DateTime from) => unit switch
    {
        CalendarUnit.Day => null,
        CalendarUnit.Week => CalendarDay.First(KindOf(from.DayOfWeek)),
        _ => new CalendarDay(from.Day, CalendarDayKind.Day),
    };

    private static CalendarDayKind KindOf(DayOfWeek day) => day == DayOfWeek.Sunday ? CalendarDayKind.Sunday : CalendarDayKind.Monday + (int)day - 1;

    private static string Days(CalendarDayKind kind) => kind == CalendarDayKind.Weekday ? "MO,TU,WE,TH,FR" : kind.ToString()[..2].ToUpperInvariant();

    private static string Frequency(CalendarUnit unit) => unit switch
    {
        CalendarUnit.Day => "DAILY",
        CalendarUnit.Week => "WEEKLY",
        CalendarUnit.Month => "MONTHLY",
        _ => "YEARLY",
    };
}
