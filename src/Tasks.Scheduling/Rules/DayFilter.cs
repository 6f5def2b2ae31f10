using Quartz;
using Quartz.Impl.Calendar;

namespace TasksBus.Rules;

/// <summary>Leaves out the instants of excluded days, with Quartz's calendars.</summary>
internal sealed class DayFilter(IInstants instants, ExcludedDays excluded, TimeZoneInfo zone) : IInstants
{
    /// <summary>As many excluded days in a row are skipped; then there is no next instant.</summary>
    private const int MostDays = 10_000;

    private readonly HolidayCalendar _calendar = Chain(excluded, zone);

    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var next = instants.Next(after);
        for (var skipped = 0; next is { } instant; skipped++)
        {
            if (_calendar.IsTimeIncluded(instant))
                return instant;
            if (skipped == MostDays)
                return null;
            next = instants.Next(_calendar.GetNextIncludedTimeUtc(instant).AddTicks(-1));
        }

        return null;
    }

    private static HolidayCalendar Chain(ExcludedDays excluded, TimeZoneInfo zone)
    {
        var weekly = new WeeklyCalendar { TimeZone = zone };
        weekly.RemoveExcludedDay(DayOfWeek.Saturday);
        weekly.RemoveExcludedDay(DayOfWeek.Sunday);
        foreach (var day in excluded.Weekdays)
            weekly.AddExcludedDay(day);

        var yearly = new AnnualCalendar(weekly) { TimeZone = zone };
        foreach (var day in excluded.Yearly)
            yearly.AddExcludedDay(MonthDay.From(day));

        var dates = new HolidayCalendar(yearly) { TimeZone = zone };
        foreach (var date in excluded.Dates)
            dates.AddExcludedDay(date);
        return dates;
    }
}
