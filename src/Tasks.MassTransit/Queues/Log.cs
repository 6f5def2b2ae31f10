using Microsoft.Extensions.Logging;

namespace TasksBus.Queues;

/// <summary>Log lines of queues: 1800 to 1899.</summary>
internal static partial class Log
{
    [LoggerMessage(1800, LogLevel.Warning, "What was said of queues could not be read; this worker reads what it has read before, or what its options say, and looks again within seconds")]
    public static partial void SettingsNotRead(this ILogger log, Exception error);

    [LoggerMessage(1801, LogLevel.Information, "This worker takes no more runs from queue {Queue}")]
    public static partial void Leaves(this ILogger log, string queue);

    [LoggerMessage(1803, LogLevel.Error, "This worker could not begin to read queue {Queue}; it tries again by itself")]
    public static partial void NotOpened(this ILogger log, Exception error, string queue);

    [LoggerMessage(1802, LogLevel.Error, "This worker could not stop reading queue {Queue}")]
    public static partial void NotLeft(this ILogger log, Exception error, string queue);
}
