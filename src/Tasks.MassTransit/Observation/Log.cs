using Microsoft.Extensions.Logging;

namespace TasksBus.Observation;

/// <summary>Log lines of the application's observers: 1700 to 1799.</summary>
internal static partial class Log
{
    [LoggerMessage(1700, LogLevel.Warning, "Observer {Observer} failed on an event; it hears the next one")]
    public static partial void ObserverFailed(this ILogger log, Exception error, string? observer);

    [LoggerMessage(1701, LogLevel.Warning, "Observer {Observer} is too slow for what happens here and has missed {Missed} events")]
    public static partial void EventsMissed(this ILogger log, string? observer, int missed);
}
