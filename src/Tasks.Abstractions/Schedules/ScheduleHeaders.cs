namespace TasksBus;

/// <summary>The headers by which the run of an occurrence says where it comes from.</summary>
public static class ScheduleHeaders
{
    /// <summary>The name of the schedule.</summary>
    public const string Schedule = "schedule";

    /// <summary>The instant of the occurrence in UTC, as ISO 8601 writes it.</summary>
    public const string Instant = "schedule-instant";
}
