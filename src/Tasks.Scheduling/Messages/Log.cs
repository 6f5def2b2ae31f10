using Microsoft.Extensions.Logging;

namespace TasksBus.Messages;

/// <summary>Log lines of messages that are scheduled: 2200 to 2219.</summary>
internal static partial class Log
{
    [LoggerMessage(2200, LogLevel.Warning, "A scheduling message waits, and those behind it, because the store does not answer; tried every {Delay} at the latest")]
    public static partial void MessageWaits(this ILogger log, Exception error, TimeSpan delay);
}
