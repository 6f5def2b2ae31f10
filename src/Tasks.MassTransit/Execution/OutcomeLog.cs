using Microsoft.Extensions.Logging;

using TasksBus.Pipeline;

namespace TasksBus.Execution;

/// <summary>Tells the log how an attempt ended.</summary>
internal static class OutcomeLog
{
    public static void Ended(this ILogger log, AttemptContext attempt, Outcome outcome)
    {
        var (task, run, number) = (attempt.TaskName, attempt.RunId, attempt.Attempt);
        switch (outcome)
        {
            case Outcome.Succeeded: log.Succeeded(task, run, number); break;
            case Outcome.Retry retry: log.Retrying(task, run, number, retry.Delay, retry.Error.Type, retry.Error.Message); break;
            case Outcome.Failed failed: log.Failed(task, run, number, failed.Kind, failed.Error.Type, failed.Error.Message); break;
            case Outcome.Revoked: log.Revoked(task, run, number); break;
            case Outcome.Released: log.Released(task, run, number); break;
            case Outcome.Stale: log.Stale(task, run, number); break;
        }
    }
}
