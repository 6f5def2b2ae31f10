using Microsoft.Extensions.Logging;

namespace TasksBus.Delays;

/// <summary>Log lines of what waits for an instant: 1400 to 1499.</summary>
internal static partial class Log
{
    [LoggerMessage(1400, LogLevel.Warning, "What is due in {Store} could not be looked up; next try in {Delay}")]
    public static partial void DispatchFailed(this ILogger log, Exception error, string store, TimeSpan delay);

    [LoggerMessage(1401, LogLevel.Warning, "{TaskName} {RunId} is due but could not be sent; it stays due")]
    public static partial void NotSent(this ILogger log, Exception error, string taskName, Guid runId);

    [LoggerMessage(1402, LogLevel.Error, "Record {Id} cannot be read, so nothing is done about it though it is due. Remove it, or run a version that can read it")]
    public static partial void RecordUnreadable(this ILogger log, Exception error, Guid id);

    [LoggerMessage(1403, LogLevel.Warning, "{Id} is due, but what is to be done about it has failed; next try in {Delay}")]
    public static partial void NotHandedOn(this ILogger log, Exception error, Guid id, TimeSpan delay);
}
