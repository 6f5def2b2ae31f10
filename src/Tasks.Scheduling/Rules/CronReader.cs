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

    /// <summary>The fields of Quartz: a name, an expression in which the field stands alone, and what it may hold.</summary>
    private static readonly (string Name, string Alone, string Holds)[] QuartzFields =
    [
        ("second", "{0} 0 0 * * ?", "0 to 59"),
        ("minute", "0 {0} 0 * * ?", "0 to 59"),
        ("hour", "0 0 {0} * * ?", "0 to 23"),
        ("day of month", "0 0 0 {0} * ?", "1 to 31, L, LW, a weekday near a day as in 15W, or ?"),
        ("month", "0 0 0 1 {0} ?", "1 to 12 or JAN to DEC"),
        ("day of week", "0 0 0 ? * {0}", "1 to 7 or SUN to SAT, the last as in 6L, the third as in 6#3, or ?; 1 is Sunday"),
        ("year", "0 0 0 1 1 ? {0}", "years from 1970 to a hundred from now"),
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
        foreach (var (field, text) in QuartzFields.Zip(fields))
        {
            var alone = string.Format(null, field.Alone.Replace("?", text == "?" ? "1" : "?", StringComparison.Ordinal), text);
            if (!IsList(text) || FaultOf(alone) is not null)
                throw new FormatException($"{field.Name} is '{text}'. It may hold *, {field.Holds}, ranges as in 1-5, steps as in 0/2, and several of them after commas.");
        }

        var expression = string.Join(' ', fields);
        if (FaultOf(expression) is { } fault)
            throw new FormatException($"day of month is '{fields[3]}' and day of week is '{fields[5]}'. One of the two must be ?. ({fault})");
        return new CronTimes(expression, weekdays: null, goThroughBothHours: EveryHour.Contains(fields[2]));
    }

    /// <summary>Whether these are values with commas between them, each with a number as its step or with none. Of some fields, Quartz (4) reads what is not as something else.</summary>
    private static bool IsList(string text) => text.Split(',').All(value => value.Split('/') is [not ""] || (value.Split('/') is [_, not "" and var step] && step.All(char.IsAsciiDigit)));

    private static string? FaultOf(string expression)
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
