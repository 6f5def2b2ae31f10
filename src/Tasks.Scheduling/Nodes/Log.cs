using Microsoft.Extensions.Logging;

namespace TasksBus.Nodes;

/// <summary>Log lines of scheduler nodes: 2150 to 2179.</summary>
internal static partial class Log
{
    [LoggerMessage(2150, LogLevel.Information, "This node acts on the schedules now; there are {Schedules}")]
    public static partial void TakenOver(this ILogger log, int schedules);

    [LoggerMessage(2151, LogLevel.Warning, "This node acts on the schedules no more: it could not renew its lease in time, and another one takes over")]
    public static partial void SteppedDown(this ILogger log);

    [LoggerMessage(2152, LogLevel.Warning, "A beat of this scheduler node failed; the next one tries again")]
    public static partial void NotAttended(this ILogger log, Exception error);

    [LoggerMessage(2153, LogLevel.Warning, "The alarms of the schedules could not be checked; those that are set go off all the same")]
    public static partial void NotChecked(this ILogger log, Exception error);

    [LoggerMessage(2154, LogLevel.Warning, "The schedules are in a database that does not answer; this node takes part as soon as it does, and tries every {Delay}")]
    public static partial void DatabaseAway(this ILogger log, Exception error, TimeSpan delay);

    [LoggerMessage(2155, LogLevel.Warning, "This scheduler node has no store; it takes part as soon as that answers again, and tries each beat")]
    public static partial void StoreAway(this ILogger log, Exception error);

    [LoggerMessage(2156, LogLevel.Error, "Schedule {ScheduleId} (name: {Schedule}) cannot be read and is left alone: {Reason} Put it anew, remove it, or run the version that has written it")]
    public static partial void LeftAlone(this ILogger log, Guid scheduleId, string? schedule, string reason);
}
