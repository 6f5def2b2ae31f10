namespace TasksBus.Workflows;

/// <summary>A node that is being laid out.</summary>
internal sealed class Draft
{
    /// <summary>What to do about too many.</summary>
    public const string WayOut = $"Let each run do more, as with {nameof(Workflow)}.{nameof(Workflow.Chunks)}, or start others from its steps.";

    public required int Index { get; init; }

    /// <summary>What it is; null: where branches begin or come together.</summary>
    public Part? Part { get; init; }

    /// <summary>The name that it was given, or else gets.</summary>
    public string? Name { get; set; }

    /// <summary>What a default name begins with: the names of what it is within.</summary>
    public string Prefix { get; init; } = "";

    public required IReadOnlyList<int> After { get; init; }

    /// <summary>The nodes whose results it can take.</summary>
    public IReadOnlyList<int> Sources { get; init; } = [];

    public Scope? Within { get; init; }

    public required Place Place { get; init; }

    /// <summary>Whether nothing waits for it, neither what comes after nor the end.</summary>
    public bool IsBeside { get; init; }

    public bool IsForFailure { get; init; }

    public FailurePolicy Policy { get; init; }

    public string? Absent { get; init; }

    public IReadOnlyList<int> Behind { get; init; } = [];

    public int? ResultOf { get; init; }

    public bool IsEmpty { get; init; }

    /// <summary>What it is called unless it has a name of its own.</summary>
    public string Kind => Part switch
    {
        CallPart call => StepNames.Short(call.Task),
        GroupPart => "group",
        GraphPart => "graph",
        SignalPart => "signal",
        InstantPart => "wait",
        _ => "start",
    };
}

/// <summary>A group or a graph while its parts are laid out; its join comes after them.</summary>
internal sealed class Scope(Scope? outer)
{
    public int Join { get; set; }

    /// <summary>The joins from here outwards.</summary>
    public IReadOnlyList<int> Joins => field ??= [Join, .. outer?.Joins ?? []];
}
