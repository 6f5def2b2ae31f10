using Microsoft.Extensions.Logging;

namespace TasksBus.Execution;

/// <summary>Log lines of the workers: 1300 to 1349.</summary>
internal static partial class Log
{
    [LoggerMessage(1300, LogLevel.Debug, "{TaskName} {RunId} starts attempt {Attempt}")]
    public static partial void Starting(this ILogger log, string taskName, Guid runId, int attempt);

    [LoggerMessage(1301, LogLevel.Debug, "{TaskName} {RunId} succeeded in attempt {Attempt}")]
    public static partial void Succeeded(this ILogger log, string taskName, Guid runId, int attempt);

    [LoggerMessage(1302, LogLevel.Error, "{TaskName} {RunId} failed for good in attempt {Attempt} ({Kind}): {ErrorType}: {ErrorMessage}")]
    public static partial void Failed(this ILogger log, string taskName, Guid runId, int attempt, FailureKind kind, string errorType, string errorMessage);

    [LoggerMessage(1303, LogLevel.Warning, "{TaskName} {RunId} failed attempt {Attempt}; next in {Delay}: {ErrorType}: {ErrorMessage}")]
    public static partial void Retrying(this ILogger log, string taskName, Guid runId, int attempt, TimeSpan delay, string errorType, string errorMessage);

    [LoggerMessage(1304, LogLevel.Information, "{TaskName} {RunId} was revoked in attempt {Attempt}")]
    public static partial void Revoked(this ILogger log, string taskName, Guid runId, int attempt);

    [LoggerMessage(1305, LogLevel.Information, "{TaskName} {RunId} is handed to other workers in attempt {Attempt}: this one stops")]
    public static partial void Released(this ILogger log, string taskName, Guid runId, int attempt);

    [LoggerMessage(1306, LogLevel.Warning, "{TaskName} {RunId}: what attempt {Attempt} did is not recorded, because the run is over or another worker has it")]
    public static partial void Stale(this ILogger log, string taskName, Guid runId, int attempt);

    [LoggerMessage(1307, LogLevel.Debug, "{TaskName} {RunId} is not run: {Answer}")]
    public static partial void NotClaimed(this ILogger log, string taskName, Guid runId, string answer);

    [LoggerMessage(1308, LogLevel.Warning, "{TaskName} {RunId} lost its lease in attempt {Attempt}: its token is cancelled")]
    public static partial void LeaseLost(this ILogger log, string taskName, Guid runId, int attempt);

    [LoggerMessage(1309, LogLevel.Warning, "The lease of {TaskName} {RunId} could not be renewed")]
    public static partial void LeaseNotRenewed(this ILogger log, Exception error, string taskName, Guid runId);

    [LoggerMessage(1314, LogLevel.Warning, "The store has lost {TaskName} {RunId} while it runs here; it goes on, and is recorded again with its outcome")]
    public static partial void StoreForgot(this ILogger log, string taskName, Guid runId);

    [LoggerMessage(1315, LogLevel.Debug, "The progress of run {RunId} could not be written")]
    public static partial void ProgressNotWritten(this ILogger log, Exception error, Guid runId);

    [LoggerMessage(1313, LogLevel.Warning, "The store does not answer; that somebody wants a run back is noticed with the next renewal of its lease, every {Round}")]
    public static partial void NotListening(this ILogger log, Exception error, TimeSpan round);

    [LoggerMessage(1310, LogLevel.Error, "{TaskName} {RunId} is refused ({Kind}): {Reason}. Its message is kept in the error queue")]
    public static partial void Refused(this ILogger log, string taskName, Guid runId, FailureKind kind, string reason);

    [LoggerMessage(1311, LogLevel.Error, "A message of queue {Queue} cannot be read. It is kept in the error queue")]
    public static partial void Unreadable(this ILogger log, Exception error, string queue);

    [LoggerMessage(1316, LogLevel.Error, "This worker failed on a message of queue {Queue}, which goes back to the broker in {Delay}")]
    public static partial void WorkerFailed(this ILogger log, Exception error, string queue, TimeSpan delay);

    [LoggerMessage(1318, LogLevel.Warning, "{TaskName} {RunId} has no handler here; it is sent to other workers in {Pause}")]
    public static partial void LeftToOthers(this ILogger log, string taskName, Guid runId, TimeSpan pause);

    [LoggerMessage(1317, LogLevel.Warning, "The permit of run {RunId} could not be returned; it is free again when it expires")]
    public static partial void PermitNotReturned(this ILogger log, Exception error, Guid runId);

    [LoggerMessage(1312, LogLevel.Warning, "The store does not answer; {TaskName} {RunId} waits for it")]
    public static partial void WaitingForStore(this ILogger log, Exception error, string taskName, Guid runId);
}
