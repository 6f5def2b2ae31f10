namespace TasksBus.Rules;

/// <summary>A change of a zone's clocks.</summary>
/// <remarks>
/// Found by nothing but the offsets of instants: what <see cref="TimeZoneInfo"/> says of ambiguous and invalid times is wrong in zones whose clocks go back for a
/// part of the year, such as Africa/Casablanca.
/// </remarks>
/// <param name="At">When.</param>
/// <param name="Before">By how much the clocks are ahead of UTC before it.</param>
/// <param name="After">And after it.</param>
internal sealed record ClockChange(DateTimeOffset At, TimeSpan Before, TimeSpan After)
{
    /// <summary>No offset is larger, and no change is as near to another one.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromHours(26);

    /// <summary>Just before the first of the times that are shown twice.</summary>
    public DateTime FirstTwice => WallTime(At, After).AddTicks(-1);

    /// <summary>The last time that is shown twice.</summary>
    public DateTime LastTwice => WallTime(At, Before).AddTicks(-1);

    /// <summary>The change about a day before or after an instant; null if there is none.</summary>
    public static ClockChange? Near(DateTimeOffset instant, TimeZoneInfo zone) => Between(instant - Around, instant + Around, zone);

    /// <summary>The change by which, between two instants, the clocks go back; null if they do not.</summary>
    public static ClockChange? Back(DateTimeOffset from, DateTimeOffset? to, TimeZoneInfo zone) =>
        to is { } end && Between(from, end, zone) is { } change && change.After < change.Before ? change : null;

    /// <summary>What clocks show that are ahead of UTC by so much.</summary>
    public static DateTime WallTime(DateTimeOffset instant, TimeSpan offset) => DateTime.SpecifyKind(instant.UtcDateTime + offset, DateTimeKind.Unspecified);

    /// <summary>What the clocks show at an instant that is near.</summary>
    public DateTime WallTime(DateTimeOffset instant) => WallTime(instant, instant < At ? Before : After);

    /// <summary>Whether the clocks show at an instant what they have shown before.</summary>
    public bool IsSecondShowing(DateTimeOffset instant) => instant >= At && WallTime(instant) <= LastTwice;

    /// <summary>When the clocks first show a time that is near, or a later one.</summary>
    public DateTimeOffset FirstShowing(DateTime time)
    {
        if (time <= LastTwice)
            return new DateTimeOffset(time - Before, TimeSpan.Zero);
        var shown = new DateTimeOffset(time - After, TimeSpan.Zero);
        return shown < At ? At : shown;
    }

    /// <summary>The change between two instants, to the second.</summary>
    private static ClockChange? Between(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        var (before, after) = (zone.GetUtcOffset(from), zone.GetUtcOffset(to));
        if (before == after)
            return null;
        long low = from.UtcTicks / TimeSpan.TicksPerSecond, high = (to.UtcTicks / TimeSpan.TicksPerSecond) + 1;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (zone.GetUtcOffset(new DateTimeOffset(middle * TimeSpan.TicksPerSecond, TimeSpan.Zero)) == before)
                low = middle;
            else
                high = middle;
        }

        return new ClockChange(new DateTimeOffset(high * TimeSpan.TicksPerSecond, TimeSpan.Zero), before, after);
    }
}
