namespace TasksBus;

/// <summary>How one run differs from what its task's <see cref="TaskOptions"/> say.</summary>
public sealed record RunOptions
{
    /// <summary>
    /// The id of the run, to make a submission repeatable: the same id twice is one run, for as long as its record is kept.
    /// Default: a new, time-ordered id.
    /// </summary>
    public Guid? RunId { get; init; }

    /// <summary>The queue. Must be one that this process knows. Default: the task's.</summary>
    public string? Queue { get; init; }

    /// <summary>Start no sooner than this from now. 0 or more. Exclusive with <see cref="NotBefore"/>. Default: at once.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Start no sooner than this instant; one in the past is at once. Exclusive with <see cref="Delay"/>. Default: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Do not start later than this from now. More than 0 and than the delay. Exclusive with <see cref="ExpiresAt"/>. Default: the task's.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Do not start later than this instant. Must be later than now and than the delay. Exclusive with <see cref="ExpiresIn"/>. Default: the task's.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>As <see cref="TaskOptions.TimeLimit"/>, for each attempt of this run. Default: the task's.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>As <see cref="TaskOptions.HardTimeLimit"/>, for each attempt of this run. Default: the task's.</summary>
    public TimeSpan? HardTimeLimit { get; init; }

    /// <summary>The key of this run's <see cref="TaskOptions.KeyLimit"/>. 1 to 255 characters. Default: what the task takes from the arguments.</summary>
    public string? LimitKey { get; init; }

    /// <summary>As <see cref="TaskOptions.KeyLimit"/>, for this run: it waits while its key has as many. Needs a key. Default: the task's.</summary>
    public LimitOptions? KeyLimit { get; init; }

    /// <summary>As <see cref="TaskOptions.Unique"/>, for this run. Default: the task's.</summary>
    public UniqueOptions? Unique { get; init; }

    /// <summary>What makes this run unique. 1 to 255 characters. Default: what the task takes from the arguments.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>0 (lowest) to 9. Default: the task's.</summary>
    public int? Priority { get; init; }

    /// <summary>Handed to the handler and kept with the run. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
