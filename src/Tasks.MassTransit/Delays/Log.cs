using Microsoft.Extensions.Logging;

namespace TasksBus.Delays;

/// <summary>Log lines of runs that wait: 1400 to 1499.</summary>
internal static partial class Log
{
    [LoggerMessage(1400, LogLevel.Warning, "Runs that are due could not be looked up; next try in {Delay}")]
    public static partial void DispatchFailed(this ILogger log, Exception error, TimeSpan delay);

    [LoggerMessage(1402, LogLevel.Error, "The record of run {RunId} cannot be read, so the run is not sent. Remove its record, or run a version that can read it")]
    public static partial void RecordUnreadable(this ILogger log, Exception error, Guid runId);

    [LoggerMessage(1401, LogLevel.Warning, "{TaskName} {RunId} is due but could not be sent; it stays due")]
    public static partial void NotSent(this ILogger log, Exception error, string taskName, Guid runId);
}
