using Microsoft.Extensions.Logging;

namespace TasksBus.Limits;

/// <summary>Log lines of limits: 1600 to 1699.</summary>
internal static partial class Log
{
    [LoggerMessage(1600, LogLevel.Warning, "Permits could not be given out; next try in {Delay}")]
    public static partial void NotGranted(this ILogger log, Exception error, TimeSpan delay);

    [LoggerMessage(1601, LogLevel.Warning, "Run {RunId} has got a permit but could not be sent to its queue; it is tried again each second until the broker has it")]
    public static partial void NotSent(this ILogger log, Exception error, Guid runId);

    [LoggerMessage(1602, LogLevel.Warning, "Whose turn it is at a limit of run {RunId} could not be seen to; the limiter comes back to it within seconds")]
    public static partial void NotAttended(this ILogger log, Exception error, Guid runId);
}
