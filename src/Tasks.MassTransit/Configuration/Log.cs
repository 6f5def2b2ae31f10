using Microsoft.Extensions.Logging;

namespace TasksBus.Configuration;

/// <summary>Log lines of starting and stopping: 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Task queue of {WorkerName} starts on {Broker}, tracked in {Store}, reading {QueueCount} queues")]
    public static partial void Starting(this ILogger log, string workerName, string broker, string store, int queueCount);

    [LoggerMessage(1001, LogLevel.Warning, "Runs are tracked in the memory of this process, although its broker is shared: other processes cannot see them, and delayed ones are lost when it ends. Add UseRedis")]
    public static partial void TrackedInMemory(this ILogger log);

    [LoggerMessage(1004, LogLevel.Warning, "Runs are tracked outside of this process, although they wait in its memory: what waits or runs when it ends stays as it is in the store, and is not run. Add UseRabbitMq")]
    public static partial void QueuedInMemory(this ILogger log);

    [LoggerMessage(1005, LogLevel.Warning, "Worker {Worker} is cut off while it stops; other workers take over what it still runs. Give the host a longer shutdown timeout, or the queue a shorter one")]
    public static partial void StoppedTooLate(this ILogger log, string worker);

    [LoggerMessage(1006, LogLevel.Warning, "This worker is not recycled, whatever its options say: runs wait in its memory and would be lost. Add UseRabbitMq")]
    public static partial void NotRecycled(this ILogger log);

    [LoggerMessage(1007, LogLevel.Warning, "PerQueue has settings for queue '{Queue}', to which nothing that this process knows goes. Correct its name, or add it to Queues")]
    public static partial void SettingsOfNobody(this ILogger log, string queue);

    [LoggerMessage(1003, LogLevel.Warning, "The broker at {Broker} does not answer yet; this process goes on trying to reach it")]
    public static partial void BrokerIsAway(this ILogger log, string broker);

    [LoggerMessage(1002, LogLevel.Warning, "The tasks of this worker could not be announced to callers that know only their names, in {Tries} tries")]
    public static partial void NotAnnounced(this ILogger log, Exception error, int tries);
}
