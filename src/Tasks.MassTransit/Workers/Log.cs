using Microsoft.Extensions.Logging;

namespace TasksBus.Workers;

/// <summary>Log lines of workers that live and die: 1500 to 1599.</summary>
internal static partial class Log
{
    [LoggerMessage(1500, LogLevel.Error, "A beat of this worker's heart failed; the next one comes")]
    public static partial void BeatFailed(this ILogger log, Exception error);

    [LoggerMessage(1501, LogLevel.Warning, "This worker could not show that it lives; it tries again with its next beat")]
    public static partial void NotSeen(this ILogger log, Exception error);

    [LoggerMessage(1502, LogLevel.Warning, "Worker {Lost} has not been seen for its lease of {Lease}; what it ran, {Runs} runs, goes to other workers")]
    public static partial void GivenUp(this ILogger log, string lost, TimeSpan lease, int runs);

    [LoggerMessage(1512, LogLevel.Error, "The store has lost its memory: it does not know worker {Worker} any more. Runs that waited there, delayed ones, retries and those that waited for a limit, are lost, and what was known of runs that have ended; those in queues go on")]
    public static partial void StoreForgot(this ILogger log, string worker);

    [LoggerMessage(1503, LogLevel.Warning, "Lost workers, or runs, could not be looked for; the next look comes soon")]
    public static partial void SweepFailed(this ILogger log, Exception error);

    [LoggerMessage(1513, LogLevel.Warning, "{TaskName} {RunId} is recorded as running, and nobody renews its lease: the store has lost what came of it. It goes to another worker")]
    public static partial void Forgotten(this ILogger log, string taskName, Guid runId);

    [LoggerMessage(1509, LogLevel.Error, "Component {Component} failed to stop; the worker goes on stopping")]
    public static partial void ComponentNotStopped(this ILogger log, Exception error, string? component);

    [LoggerMessage(1504, LogLevel.Warning, "The thread pool is blocked, {Waiting} pieces of work wait for it; its minimum is now {Threads} threads. Let handlers await instead of blocking")]
    public static partial void PoolRelieved(this ILogger log, long waiting, int threads);

    [LoggerMessage(1510, LogLevel.Information, "Worker {Worker} is recycled: {Reason}. It takes no more runs, finishes the {Running} that it holds, and ends")]
    public static partial void Recycling(this ILogger log, string worker, string reason, int running);

    [LoggerMessage(1511, LogLevel.Warning, "The supervisor of this process, process {Supervisor}, has ended; so does this one")]
    public static partial void Abandoned(this ILogger log, int supervisor);
}
