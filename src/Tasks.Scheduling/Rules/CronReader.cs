using Quartz;

namespace TasksBus.Rules;

/// <summary>
/// Reads cron expressions. Those with five fields are translated to Quartz's, number by number: its days of the week begin with 1, and it does not look at
/// day of month and day of week together, so that the day of the week is then held against its times.
/// </summary>
internal static class CronReader
{
    private static readonly CronField[] Crontab = [CronField.Minute, CronField.Hour, CronField.DayOfMonth, CronField.Month, CronField.DayOfWeek];

    /// <summary>How Quartz's field for the hours says nothing of them.</summary>
    private static readonly HashSet<string> EveryHour = ["*", "*/1", "0/1", "0-23"];

    private static readonly QuartzField[] QuartzFields =
    [
        new("second", "{0} 0 0 * * ?", "0 to 59", Steps: 59),
        new("minute", "0 {0} 0 * * ?", "0 to 59", Steps: 59),
        new("hour", "0 0 {0} * * ?", "0 to 23", Steps: 23),
        new("day of month", "0 0 0 {0} * ?", "1 to 31, L, LW, a weekday near a day as in 15W, or ?", Steps: 31, Special: "L(-[0-9]+)?W?|[0-9]+W"),
        new("month", "0 0 0 1 {0} ?", "1 to 12 or JAN to DEC", Steps: 12, Names: CronField.Month),
        new("day of week", "0 0 0 ? * {0}", "1 to 7 or SUN to SAT, the last as in 6L, the third as in 6#3, or ?; 1 is Sunday", Steps: 7, Special: "L|{0}L|{0}#[0-9]", Names: CronField.DayOfWeek),
        new("year", "0 0 0 1 1 ? {0}", "years from 1970 to a hundred from now", Steps: 100),
    ];

    /// <exception cref="FormatException">The expression cannot be read; the message names the field and says what it may hold.</exception>
    public static IWallTimes Read(string expression)
    {
        var fields = (expression ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return fields.Length switch
        {
            5 => ReadCrontab(fields),
            6 or 7 => ReadQuartz(fields),
            _ => throw new FormatException(
                $"it has {fields.Length} fields. Give five, minute hour day-of-month month day-of-week, or six or seven with seconds before and the year behind them."),
        };
    }

    private static CronTimes ReadCrontab(string[] fields)
    {
        var numbers = Crontab.Zip(fields, (field, text) => field.Read(text)).ToList();
        var weekdays = numbers[4].Count < 7 ? numbers[4].Cast<DayOfWeek>().ToHashSet() : null;
        var texts = Crontab.Zip(numbers, (field, set) => set.Count > field.Max - field.Min ? "*" : string.Join(',', set)).ToList();
        return new CronTimes($"0 {texts[0]} {texts[1]} {texts[2]} {texts[3]} ?", weekdays, goThroughBothHours: texts[1] == "*");
    }

    private static CronTimes ReadQuartz(string[] fields)
    {
        fields = [.. QuartzFields.Zip(fields, (field, text) => field.Read(text))];
        var expression = string.Join(' ', fields);
        if (FaultOf(expression) is { } fault)
            throw new FormatException($"day of month is '{fields[3]}' and day of week is '{fields[5]}'. One of the two must be ?. ({fault})");
        return new CronTimes(expression, weekdays: null, goThroughBothHours: EveryHour.Contains(fields[2]));
    }

    /// <summary>What is wrong with an expression of Quartz; null: nothing.</summary>
    public static string? FaultOf(string expression)
    {
        try
        {
            _ = new CronExpression(expression);
            return null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return exception.Message;
        }
    }
}
