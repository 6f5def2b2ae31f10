using Microsoft.Extensions.Logging;

namespace TasksBus.Occurrences;

/// <summary>Log lines of what schedules do: 2100 to 2149.</summary>
internal static partial class Log
{
    [LoggerMessage(2100, LogLevel.Warning, "What is due of schedule {ScheduleId} could not be done; next try in {Delay}")]
    public static partial void NotDispatched(this ILogger log, Exception error, Guid scheduleId, TimeSpan delay);

    [LoggerMessage(2101, LogLevel.Error, "The occurrence of schedule {Schedule} at {At} was refused and is left out. Correct the schedule")]
    public static partial void OccurrenceFailed(this ILogger log, Exception error, string schedule, DateTimeOffset at);

    [LoggerMessage(2102, LogLevel.Warning, "The end of {RunId} of schedule {Schedule}, for which an occurrence waits, could not be awaited; it is looked at again")]
    public static partial void NotAwaited(this ILogger log, Exception error, string schedule, Guid runId);

    [LoggerMessage(2103, LogLevel.Error, "Schedule {ScheduleId} cannot be read and is left alone")]
    public static partial void NotRead(this ILogger log, Exception error, Guid scheduleId);
}
