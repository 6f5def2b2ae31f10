using Quartz.Impl.Triggers;

namespace TasksBus.Rules;

/// <summary>Every so many days, weeks, months or years, as Quartz's recurrence trigger has it.</summary>
internal sealed class CalendarTimes : IWallTimes
{
    private readonly RecurrenceTriggerImpl _trigger;

    /// <param name="rule">The rule.</param>
    /// <param name="from">The time from which it counts.</param>
    public CalendarTimes(CalendarRule rule, DateTime from)
    {
        var start = from.Date + rule.At.ToTimeSpan();
        _trigger = new RecurrenceTriggerImpl("times", "rules", Recurrence(rule, from)) { TimeZone = TimeZoneInfo.Utc, StartTimeUtc = new DateTimeOffset(start, TimeSpan.Zero) };
    }

    public bool GoThroughBothHours => false;

    public DateTime? Next(DateTime after) => _trigger.GetFireTimeAfter(new DateTimeOffset(after, TimeSpan.Zero))?.DateTime;

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
