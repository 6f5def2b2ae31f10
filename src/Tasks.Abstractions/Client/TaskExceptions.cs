namespace TasksBus;

/// <summary>The run failed, and will not be tried again.</summary>
public sealed class TaskFailedException : Exception
{
    /// <summary>Describes a failed run.</summary>
    public TaskFailedException(TaskSnapshot run)
        : base(Describe(run))
    {
        Run = run;
    }

    /// <summary>The run as it ended, with all its attempts.</summary>
    public TaskSnapshot Run { get; }

    /// <summary>Why it failed.</summary>
    public FailureKind Kind => Run.FailureKind ?? FailureKind.HandlerError;

    /// <summary>The full name of the exception type that the handler threw.</summary>
    public string? RemoteType => Run.Error?.Type;

    /// <summary>The message of the exception that the handler threw.</summary>
    public string? RemoteMessage => Run.Error?.Message;

    /// <summary>Where the handler threw it.</summary>
    public string? RemoteStackTrace => Run.Error?.StackTrace;

    private static string Describe(TaskSnapshot run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return $"Run {run.RunId} of task '{run.TaskName}' failed ({run.FailureKind}) after attempt {run.Attempt} of {run.MaxAttempts}: " +
            $"{run.Error?.Type}: {run.Error?.Message}";
    }
}

/// <summary>The run was revoked.</summary>
public sealed class TaskRevokedException(TaskSnapshot run)
    : Exception($"Run {run.RunId} of task '{run.TaskName}' was revoked{(run.RevokeReason is null ? "." : $": {run.RevokeReason}")}")
{
    /// <summary>The run as it ended.</summary>
    public TaskSnapshot Run { get; } = run;
}

/// <summary>The run expired before an attempt started.</summary>
public sealed class TaskExpiredException(TaskSnapshot run)
    : Exception($"Run {run.RunId} of task '{run.TaskName}' expired at {run.ExpiresAt:O}, before an attempt started.")
{
    /// <summary>The run as it ended.</summary>
    public TaskSnapshot Run { get; } = run;
}

/// <summary>Nothing is known of the run.</summary>
public sealed class TaskNotFoundException(Guid runId)
    : Exception($"Nothing is known of run {runId}: the id is wrong, the run was forgotten, or its record has expired ({nameof(TaskOptions.ResultLifetime)}).")
{
    /// <summary>The id that was asked for.</summary>
    public Guid RunId { get; } = runId;
}

/// <summary>The run succeeded, but its result cannot be given to the caller.</summary>
public sealed class TaskResultException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The run could not be handed over: the broker or the store did not confirm it within <see cref="TaskQueueOptions.SubmitTimeout"/>.</summary>
/// <remarks>It may have been accepted or not. To submit it again under the same <see cref="RunId"/> is safe.</remarks>
public sealed class SubmitException(Guid runId, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The run; of <see cref="ITaskClient.RunMany{TResult}"/>, the first that failed.</summary>
    public Guid RunId { get; } = runId;
}

/// <summary>A run of a task that nobody has registered was submitted by name.</summary>
public sealed class UnknownTaskException(string message) : ArgumentException(message);

/// <summary>A run was submitted to a queue that this process does not know.</summary>
public sealed class UnknownQueueException(string message) : ArgumentException(message);
