using Microsoft.Extensions.Logging;

namespace TasksBus.Configuration;

/// <summary>Log lines of schedules that are declared: 2180 to 2199.</summary>
internal static partial class ScheduleLog
{
    [LoggerMessage(2180, LogLevel.Warning, "Schedule {Schedule}, which is declared in code or configuration, is over and left out; remove it, or give it an instant to come")]
    public static partial void NothingToCome(this ILogger log, Exception error, string schedule);

    [LoggerMessage(2181, LogLevel.Warning, "Schedule {Schedule} and those declared behind it are not put yet, because the store does not answer; tried every {Delay}")]
    public static partial void NotDeclared(this ILogger log, Exception error, string schedule, TimeSpan delay);

    [LoggerMessage(2182, LogLevel.Error, "A schedule that is declared in code or configuration was refused after the host had started; it and those declared behind it are left out. Correct it and start again")]
    public static partial void DeclarationRefused(this ILogger log, Exception error);

    [LoggerMessage(2183, LogLevel.Error, "Schedule {Schedule}, which is declared in code or configuration, is stored in a form that cannot be read, and is left alone")]
    public static partial void NotRead(this ILogger log, Exception error, string schedule);
}
