namespace TasksBus.Rules;

/// <summary>Why a timing that can be has no instant to come.</summary>
/// <param name="Reason">The field, its value and what it may hold.</param>
/// <param name="HadItsTime">Whether it is right, but over: that becomes of every schedule with an end.</param>
internal sealed record NothingToCome(string Reason, bool HadItsTime)
{
    /// <summary>Finds the field that stands in the way.</summary>
    public static NothingToCome Of(ScheduleTiming timing, DateTimeOffset now)
    {
        var endless = timing.Timing() with { EndAt = null };
        if (new Timetable(endless, now).Next(now) is { } next)
            return new NothingToCome($"{nameof(timing.EndAt)} is '{timing.EndAt:O}'. It may hold an instant from {next:O} on, when the first occurrence comes.", timing.EndAt <= now);
        if (timing.Excluded is not null && new Timetable(endless with { Excluded = null }, now).Next(now) is not null)
            return new NothingToCome($"{nameof(timing.Excluded)} has every day on which the rule comes. It may hold days that leave some of them.", HadItsTime: false);
        return timing.Rule switch
        {
            OnceRule once => new NothingToCome($"{nameof(once.At)} is '{once.At:O}'. It may hold an instant after now{After(timing.StartAt, now)}.", once.At <= now),
            CronRule cron => new NothingToCome($"Cron expression '{cron.Expression}': year is '{cron.Expression.Split(' ')[^1]}'. It may hold years from {now.Year} on that have such a day.", HadItsTime: false),
            var rule => new NothingToCome($"{nameof(timing.Rule)} is '{rule}'. It may hold one that comes after now.", HadItsTime: false),
        };
    }

    private static string After(DateTimeOffset? start, DateTimeOffset now) => start > now ? $" and not before {nameof(ScheduleTiming.StartAt)}, {start:O}" : "";
}
