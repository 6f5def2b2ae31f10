using Quartz;

namespace TasksBus.Rules;

/// <summary>The times of a cron expression, as Quartz finds them.</summary>
/// <param name="expression">The expression as Quartz writes it.</param>
/// <param name="weekdays">The only days of the week that count besides; null: the expression says it all.</param>
/// <param name="goThroughBothHours"><inheritdoc cref="IWallTimes.GoThroughBothHours"/></param>
internal sealed class CronTimes(string expression, IReadOnlySet<DayOfWeek>? weekdays, bool goThroughBothHours) : IWallTimes
{
    /// <summary>A 29 February falls on every day of the week within so many of them.</summary>
    private const int MostDays = 500;

    // Read in UTC, where no clock is changed: what wall times mean in a zone is decided elsewhere, for all rules alike.
    private readonly CronExpression _expression = new(expression, TimeZoneInfo.Utc);

    public bool GoThroughBothHours => goThroughBothHours;

    public DateTime? Next(DateTime after)
    {
        var from = new DateTimeOffset(after, TimeSpan.Zero);
        for (var day = 0; day < MostDays && _expression.GetNextValidTimeAfter(from) is { } time; day++)
        {
            if (weekdays?.Contains(time.DayOfWeek) != false)
                return time.DateTime;
            from = new DateTimeOffset(time.Date.AddDays(1).AddTicks(-1), TimeSpan.Zero);
        }

        return null;
    }
}
