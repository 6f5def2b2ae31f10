using TasksBus.Tracking;

namespace TasksBus.Testing;

/// <summary>A run as it was submitted.</summary>
public record SubmittedRun
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The name under which its task is known.</summary>
    public required string TaskName { get; init; }

    /// <summary>The queue to which it was submitted.</summary>
    public required string Queue { get; init; }

    /// <summary>0 (lowest) to 9.</summary>
    public int Priority { get; init; }

    /// <summary>The headers given with it. Never null.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>When it was submitted, by the submitter's clock.</summary>
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>The instant before which no attempt starts; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The instant after which no first attempt starts; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The arguments as they are sent. <see cref="SubmittedRuns.Of{TArgs}"/> reads them.</summary>
    public Payload? Payload { get; init; }

    internal static SubmittedRun From(TaskSaga run) => new()
    {
        RunId = run.CorrelationId,
        TaskName = run.TaskName,
        Queue = run.Queue,
        Priority = run.Priority,
        Headers = run.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal),
        SubmittedAt = run.SubmittedAt,
        NotBefore = run.NotBefore,
        ExpiresAt = run.ExpiresAt,
        Payload = run.Arguments,
    };
}

/// <summary>A run as it was submitted, with its arguments.</summary>
/// <typeparam name="TArgs">The arguments.</typeparam>
public sealed record SubmittedRun<TArgs> : SubmittedRun
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    internal SubmittedRun(SubmittedRun run, TArgs arguments)
        : base(run) =>
        Arguments = arguments;

    /// <summary>The arguments as the handler gets them: written as JSON and read again.</summary>
    public TArgs Arguments { get; }
}
