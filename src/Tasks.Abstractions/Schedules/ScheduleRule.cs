using System.Text.Json.Serialization;

namespace TasksBus;

/// <summary>Says at which instants a schedule runs its task. Does not change; is checked where a schedule is put.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(IntervalRule), "interval")]
[JsonDerivedType(typeof(CronRule), "cron")]
[JsonDerivedType(typeof(CalendarRule), "calendar")]
[JsonDerivedType(typeof(OnceRule), "once")]
[JsonDerivedType(typeof(SolarRule), "solar")]
public abstract record ScheduleRule
{
    private protected ScheduleRule()
    {
    }

    /// <summary>Again and again after the same time, whatever clocks and calendars do.</summary>
    /// <param name="interval">1 millisecond to 10 years. Counts from <see cref="ScheduleTiming.StartAt"/>; without it, from when the schedule was put, and the first run comes after one interval.</param>
    public static ScheduleRule Every(TimeSpan interval) => new IntervalRule(interval);

    /// <summary>By a cron expression, read on the clocks of <see cref="ScheduleTiming.TimeZone"/>.</summary>
    /// <param name="expression">
    /// Five fields, as in a crontab: minute (0 to 59), hour (0 to 23), day of month (1 to 31), month (1 to 12 or JAN to DEC), day of week (0 to 6 or SUN
    /// to SAT; 0 is Sunday). Each is <c>*</c>, a number, a name, of three letters or in full, a range as in <c>9-17</c> or <c>fri-mon</c>, a step as in <c>*/15</c> or <c>0-30/10</c>, or several of them
    /// after commas. A day must fit all of day of month, month and day of week. Six or seven fields, with seconds first and years last: as Quartz reads
    /// them, with <c>?</c>, <c>L</c>, <c>W</c> and <c>#</c>, and 1 as Sunday.
    /// </param>
    public static ScheduleRule Cron(string expression) => new CronRule(expression);

    /// <summary>By the fields of a crontab, each as in <see cref="Cron"/>; what is not given is <c>*</c>.</summary>
    public static ScheduleRule Crontab(string minute = "*", string hour = "*", string dayOfWeek = "*", string dayOfMonth = "*", string monthOfYear = "*") =>
        new CronRule($"{Field(minute)} {Field(hour)} {Field(dayOfMonth)} {Field(monthOfYear)} {Field(dayOfWeek)}");

    /// <summary>Every so many days, weeks, months or years, at a time of day.</summary>
    /// <param name="unit">What is counted.</param>
    /// <param name="at">The time on the clocks of <see cref="ScheduleTiming.TimeZone"/>.</param>
    /// <param name="on">Which day of the week, the month or the year's <paramref name="month"/>, as in <see cref="CalendarDay.Last"/>. Default: that of the start.</param>
    /// <param name="every">Every so many units, 1 to 1,000, counted from <see cref="ScheduleTiming.StartAt"/> or from when the schedule was put. Default: 1.</param>
    /// <param name="month">The month of a year, 1 to 12. Default: that of the start.</param>
    public static ScheduleRule Calendar(CalendarUnit unit, TimeOnly at, CalendarDay? on = null, int every = 1, int? month = null) => new CalendarRule(unit, at, on, every, month);

    /// <summary>
    /// Once, at an instant. Refused where it is put if that is past; one that is declared in code or configuration is left out then, with a warning, so that its application
    /// starts again after it.
    /// </summary>
    public static ScheduleRule Once(DateTimeOffset at) => new OnceRule(at);

    /// <summary>At an event of the sun, on each day that has it.</summary>
    /// <param name="solarEvent">The event.</param>
    /// <param name="latitude">Degrees, −90 to 90, north is positive.</param>
    /// <param name="longitude">Degrees, −180 to 180, east is positive.</param>
    public static ScheduleRule Solar(SolarEvent solarEvent, double latitude, double longitude) => new SolarRule(solarEvent, latitude, longitude);

    private static string Field(string field) => string.IsNullOrWhiteSpace(field) ? "''" : field.Replace(" ", "", StringComparison.Ordinal);
}

/// <summary><see cref="ScheduleRule.Every"/>.</summary>
public sealed record IntervalRule(TimeSpan Interval) : ScheduleRule;

/// <summary><see cref="ScheduleRule.Cron"/>.</summary>
public sealed record CronRule(string Expression) : ScheduleRule;

/// <summary><see cref="ScheduleRule.Calendar"/>.</summary>
public sealed record CalendarRule(CalendarUnit Unit, TimeOnly At, CalendarDay? On = null, int Step = 1, int? Month = null) : ScheduleRule;

/// <summary><see cref="ScheduleRule.Once"/>.</summary>
public sealed record OnceRule(DateTimeOffset At) : ScheduleRule;

/// <summary><see cref="ScheduleRule.Solar"/>.</summary>
public sealed record SolarRule(SolarEvent Event, double Latitude, double Longitude) : ScheduleRule;

/// <summary>What a <see cref="CalendarRule"/> counts.</summary>
public enum CalendarUnit
{
    /// <summary>Days.</summary>
    Day = 0,

    /// <summary>Weeks, from Monday.</summary>
    Week = 1,

    /// <summary>Months.</summary>
    Month = 2,

    /// <summary>Years.</summary>
    Year = 3,
}

/// <summary>A day of a week, a month or a year, as in "the last weekday".</summary>
/// <param name="Number">1 for the first to 31, or −1 for the last to −31. In a week only 1, for its one Monday.</param>
/// <param name="Kind">What is counted.</param>
public sealed record CalendarDay(int Number, CalendarDayKind Kind)
{
    /// <summary>The first of its kind.</summary>
    public static CalendarDay First(CalendarDayKind kind) => new(1, kind);

    /// <summary>The last of its kind.</summary>
    public static CalendarDay Last(CalendarDayKind kind) => new(-1, kind);
}

/// <summary>What kind of day a <see cref="CalendarDay"/> counts.</summary>
public enum CalendarDayKind
{
    /// <summary>Any day. A month that has no such number, as with 31, is left out.</summary>
    Day = 0,

    /// <summary>Monday to Friday.</summary>
    Weekday = 1,

    /// <summary>Mondays.</summary>
    Monday = 2,

    /// <summary>Tuesdays.</summary>
    Tuesday = 3,

    /// <summary>Wednesdays.</summary>
    Wednesday = 4,

    /// <summary>Thursdays.</summary>
    Thursday = 5,

    /// <summary>Fridays.</summary>
    Friday = 6,

    /// <summary>Saturdays.</summary>
    Saturday = 7,

    /// <summary>Sundays.</summary>
    Sunday = 8,
}

/// <summary>An event of the sun. Of a rise or set at the horizon, the upper limb with the usual refraction counts: 0.833° below. Near the poles some days have none.</summary>
public enum SolarEvent
{
    /// <summary>In the morning the sun's centre comes up to 18° below the horizon.</summary>
    DawnAstronomical = 0,

    /// <summary>In the morning the sun's centre comes up to 12° below the horizon.</summary>
    DawnNautical = 1,

    /// <summary>In the morning the sun's centre comes up to 6° below the horizon.</summary>
    DawnCivil = 2,

    /// <summary>The upper limb of the sun comes up.</summary>
    Sunrise = 3,

    /// <summary>The sun crosses the meridian.</summary>
    SolarNoon = 4,

    /// <summary>The upper limb of the sun goes down.</summary>
    Sunset = 5,

    /// <summary>In the evening the sun's centre goes down to 6° below the horizon.</summary>
    DuskCivil = 6,

    /// <summary>In the evening the sun's centre goes down to 12° below the horizon.</summary>
    DuskNautical = 7,

    /// <summary>In the evening the sun's centre goes down to 18° below the horizon.</summary>
    DuskAstronomical = 8,
}
