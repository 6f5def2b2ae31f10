using Microsoft.Extensions.Logging;

namespace TasksBus.Pipeline;

/// <summary>Log lines of attempts: 1350 to 1399.</summary>
internal static partial class Log
{
    [LoggerMessage(1350, LogLevel.Error, "The services of a handler that was left behind could not be disposed of after its end")]
    public static partial void ScopeNotDisposed(this ILogger log, Exception error);
}
