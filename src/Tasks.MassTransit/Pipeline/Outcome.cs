namespace TasksBus.Pipeline;

/// <summary>How an attempt ended and what follows from it.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The handler returned.</summary>
    public sealed record Succeeded(Payload? Result) : Outcome;

    /// <summary>The handler returned, and handed over to a workflow.</summary>
    public sealed record Continued(Guid WorkflowId) : Outcome;

    /// <summary>It failed and is tried again.</summary>
    public sealed record Retry(TaskError Error, TimeSpan Delay) : Outcome;

    /// <summary>It failed for good.</summary>
    public sealed record Failed(FailureKind Kind, TaskError Error) : Outcome;

    /// <summary>It ended because the run was taken back.</summary>
    public sealed record Revoked : Outcome;

    /// <summary>It ended because the worker stops; another one runs it, and it does not count.</summary>
    public sealed record Released : Outcome;

    /// <summary>It no longer counts, and nothing may be recorded of it.</summary>
    public sealed record Stale : Outcome;

    /// <summary>Decides what follows from an exception.</summary>
    /// <param name="exception">What the handler threw.</param>
    /// <param name="attempt">The number of the attempt, from 1.</param>
    /// <param name="retry">The rules.</param>
    /// <param name="stopReason">Why the attempt was to end, if it was.</param>
    /// <param name="random">0 to below 1, drawn by the caller.</param>
    public static Outcome Of(Exception exception, int attempt, RetryOptions retry, StopReason stopReason, double random) =>
        (exception, stopReason) switch
        {
            (_, StopReason.LeaseLost) => new Stale(),
            (_, StopReason.Revoked) => new Revoked(),
            (RejectTaskException, _) => new Failed(FailureKind.Rejected, TaskError.From(exception)),
            (RetryTaskException wanted, _) when attempt < retry.MaxAttempts =>
                new Retry(TaskError.From(wanted.InnerException ?? wanted), wanted.Delay ?? RetryDelay.After(attempt, retry, random)),
            (RetryTaskException wanted, _) => new Failed(FailureKind.HandlerError, TaskError.From(wanted.InnerException ?? wanted)),

            // Whatever it threw once its token was cancelled: many libraries wrap the cancellation in exceptions of their own.
            (_, StopReason.WorkerStops) => new Released(),
            _ when attempt < retry.MaxAttempts && RetryRule.Allows(retry, exception) =>
                new Retry(TaskError.From(exception), RetryDelay.After(attempt, retry, random)),
            (TaskTimeLimitException, _) => new Failed(FailureKind.TimedOut, TaskError.From(exception)),
            _ => new Failed(FailureKind.HandlerError, TaskError.From(exception)),
        };
}
