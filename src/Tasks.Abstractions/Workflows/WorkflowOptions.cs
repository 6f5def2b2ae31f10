namespace TasksBus;

/// <summary>How a workflow is submitted.</summary>
public sealed record WorkflowOptions
{
    /// <summary>The id of the workflow, to make a submission repeatable: the same id twice is one workflow. Default: a new, time-ordered id.</summary>
    public Guid? WorkflowId { get; init; }

    /// <summary>For people. Default: none.</summary>
    public string? Name { get; init; }

    /// <summary>The workflow expires, and what is left of it is revoked, so long from now. More than 0, up to 36,500 days. Default: never.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The headers of each run; those that a call has itself win. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>The priority of each run for which its call says nothing. 0 (lowest) to 9. Default: its task's.</summary>
    public int? Priority { get; init; }

    /// <summary>How long the workflow is kept once it is final, with the results of its steps. 1 second to 36,500 days. Default: 1 day.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);
}
