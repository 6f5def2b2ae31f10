using Microsoft.Extensions.Logging;

namespace TasksBus.Client;

/// <summary>Log lines of submitting: 1100 to 1199.</summary>
internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Warning, "{TaskName} {RunId} was submitted but not recorded, because the store does not answer; it is not found until the store is back, or a worker has it")]
    public static partial void NotRecorded(this ILogger log, Exception error, string taskName, Guid runId);

    [LoggerMessage(1101, LogLevel.Warning, "{TaskName} {RunId} is submitted without knowing whether a run of another task has its id, because the store does not answer")]
    public static partial void NotCompared(this ILogger log, Exception error, string taskName, Guid runId);

    [LoggerMessage(1102, LogLevel.Warning, "Run {First} is not revoked, although {TaskName} {RunId} has taken its place, because the store does not answer. Revoke it")]
    public static partial void NotReplaced(this ILogger log, Exception error, Guid first, string taskName, Guid runId);

    [LoggerMessage(1103, LogLevel.Warning, "{TaskName} {RunId} was not submitted and still has its unique key, because the store does not answer; others get it after the submit timeout, or the period that it is unique for")]
    public static partial void KeyNotGivenBack(this ILogger log, Exception error, string taskName, Guid runId);

    [LoggerMessage(1104, LogLevel.Error, "{TaskName} {RunId}, which was submitted while the store was away, cannot be recorded; it is not found until a worker has it")]
    public static partial void NotRecordedLater(this ILogger log, Exception error, string taskName, Guid runId);
}
