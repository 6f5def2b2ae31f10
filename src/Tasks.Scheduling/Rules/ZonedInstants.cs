namespace TasksBus.Rules;

/// <summary>
/// Wall times as instants in a time zone. A time belongs to the first instant at which the clocks show it or a later one: so what they skip comes at the
/// instant of the change, and what they show twice comes the first time; the second time too, if the times go through both hours.
/// </summary>
internal sealed class ZonedInstants(IWallTimes times, TimeZoneInfo zone) : IInstants
{
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var change = ClockChange.Near(after, zone);
        var isSecondShowing = change?.IsSecondShowing(after) == true;
        if (isSecondShowing && times.GoThroughBothHours && NextAgain(change!, change!.WallTime(after)) is { } again)
            return again;

        var instant = NextOnce(isSecondShowing ? change!.LastTwice : WallTime(after), after);
        return times.GoThroughBothHours && ClockChange.Back(after, instant, zone) is { } back && NextAgain(back, back.FirstTwice) is { } sooner && sooner < instant ? sooner : instant;
    }

    /// <summary>The next time, of which the first showing counts.</summary>
    private DateTimeOffset? NextOnce(DateTime from, DateTimeOffset after)
    {
        while (times.Next(from) is { } time)
        {
            // Several times that the clocks skip come at one instant.
            var instant = FirstShowing(time);
            if (instant > after)
                return instant;
            from = time;
        }

        return null;
    }

    /// <summary>The next time that a change shows again.</summary>
    private DateTimeOffset? NextAgain(ClockChange change, DateTime from) =>
        times.Next(from) is { } time && time <= change.LastTwice ? new DateTimeOffset(time - change.After, TimeSpan.Zero) : null;

    private DateTimeOffset FirstShowing(DateTime time)
    {
        var guess = new DateTimeOffset(time, TimeSpan.Zero);
        return ClockChange.Near(guess, zone)?.FirstShowing(time) ?? new DateTimeOffset(time - zone.GetUtcOffset(guess), TimeSpan.Zero);
    }

    private DateTime WallTime(DateTimeOffset instant) => ClockChange.WallTime(instant, zone.GetUtcOffset(instant));
}
