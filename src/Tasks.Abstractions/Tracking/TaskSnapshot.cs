namespace TasksBus;

/// <summary>A run at one moment. Answer to <see cref="GetTaskState"/>; does not change.</summary>
public sealed record TaskSnapshot
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Where the run is; <see cref="TaskState.NotFound"/> if nothing is known of it, and then nothing else is set.</summary>
    public required TaskState State { get; init; }

    /// <summary>The name under which the task is registered.</summary>
    public string TaskName { get; init; } = "";

    /// <summary>The queue to which the run was submitted.</summary>
    public string Queue { get; init; } = "";

    /// <summary>0 (lowest) to 9.</summary>
    public int Priority { get; init; }

    /// <summary>The key under which the run is limited, see <see cref="TaskOptions.KeyLimit"/>; null if it has none, or no worker has seen it yet.</summary>
    public string? LimitKey { get; init; }

    /// <summary>The limit in whose line the run waits, as <see cref="LimitTarget.ToString"/> writes it; null if it does not.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>The headers given with the run.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = EmptyHeaders;

    /// <summary>The latest progress of the latest attempt; null if none was reported.</summary>
    public TaskProgress? Progress { get; init; }

    /// <summary>When the run was submitted, by the submitter's clock.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>The instant before which no attempt starts.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The instant after which no first attempt starts.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the latest attempt started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run became final.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>While <see cref="TaskState.Retrying"/>: when the next attempt is due.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The number of the latest attempt; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>How many attempts the run may have in all.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>The worker of the latest attempt.</summary>
    public string? Worker { get; init; }

    /// <summary>The latest attempts, oldest first; at most <see cref="TaskQueueOptions.AttemptHistory"/> of them.</summary>
    public IReadOnlyList<TaskAttempt> Attempts { get; init; } = [];

    /// <summary>The error of the latest failed attempt; null once the run has succeeded.</summary>
    public TaskError? Error { get; init; }

    /// <summary>Why the run failed; null unless <see cref="TaskState.Failed"/>.</summary>
    public FailureKind? FailureKind { get; init; }

    /// <summary>Why the run was revoked, if the one who did it said so.</summary>
    public string? RevokeReason { get; init; }

    /// <summary>Which step of a workflow the run is; null if it is none.</summary>
    public WorkflowPlace? Step { get; init; }

    /// <summary>The workflow to which its handler has handed over, and whose result is its own; null if it has not.</summary>
    public Guid? ContinuedAs { get; init; }

    /// <summary>The arguments; null if they are not kept, see <see cref="TaskOptions.KeepArguments"/>, and in listings.</summary>
    public Payload? Arguments { get; init; }

    /// <summary>The result; null unless <see cref="TaskState.Succeeded"/>, if it is not kept, see <see cref="TaskOptions.KeepResult"/>, and in listings.</summary>
    public Payload? Result { get; init; }

    /// <summary>What the handler saved last with <see cref="TaskContext.SaveData"/>; null in listings.</summary>
    public Payload? Data { get; init; }

    /// <summary>Counts the changes of the run's state; later is higher.</summary>
    public int Version { get; init; }

    /// <summary>Whether the run stays in this state for good.</summary>
    public bool IsFinal => State.IsFinal();

    /// <summary>The answer for an id that nothing is known of.</summary>
    public static TaskSnapshot NotFound(Guid runId) => new() { RunId = runId, State = TaskState.NotFound };

    private static readonly Dictionary<string, string> EmptyHeaders = [];
}

/// <summary>How far an attempt is.</summary>
/// <param name="Done">Units finished.</param>
/// <param name="Total">Units in all; null while unknown.</param>
/// <param name="Message">A line for people, or null.</param>
public sealed record TaskProgress(long Done, long? Total = null, string? Message = null)
{
    /// <summary>0 to 1; null while the total is unknown. A total of 0 is 1: there is nothing to do.</summary>
    public double? Fraction => Total switch
    {
        null => null,
        0 => 1,
        { } total => (double)Done / total,
    };

    /// <inheritdoc/>
    public override string ToString() => (Total, Message) switch
    {
        (null, null) => $"{Done}",
        (null, _) => $"{Done} {Message}",
        (_, null) => $"{Done}/{Total}",
        _ => $"{Done}/{Total} {Message}",
    };
}

/// <summary>One try of a run.</summary>
/// <param name="Number">From 1. An attempt that was taken over from a lost worker appears again under the same number.</param>
/// <param name="Worker">Where it ran.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
public sealed record TaskAttempt(int Number, string Worker, DateTimeOffset StartedAt, DateTimeOffset? EndedAt = null, TaskError? Error = null);

/// <summary>An exception as it can be kept and sent: it never carries the exception object itself.</summary>
/// <param name="Type">The full name of the exception type.</param>
/// <param name="Message">Its message, at most 4,096 characters.</param>
/// <param name="StackTrace">Where it was thrown, inner exceptions included, at most 16,384 characters; null if it has none.</param>
public sealed record TaskError(string Type, string Message, string? StackTrace = null)
{
    private const int LongestMessage = 4_096;
    private const int LongestStackTrace = 16_384;

    /// <summary>Describes an exception.</summary>
    public static TaskError From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var stackTrace = exception.StackTrace is null && exception.InnerException is null ? null : exception.ToString();
        return new TaskError(
            exception.GetType().FullName ?? exception.GetType().Name,
            Shorten(exception.Message, LongestMessage)!,
            Shorten(stackTrace, LongestStackTrace));
    }

    private static string? Shorten(string? text, int longest) => text?.Length > longest ? text[..longest] : text;
}
