namespace TasksBus.Workflows;

/// <summary>A workflow laid out flat, as it is kept and followed: numbered nodes that wait for each other. Does not change; safe to share between threads.</summary>
/// <param name="Nodes">In the order of their numbers. The first is the start, for which everything waits that waits for nothing else.</param>
/// <param name="Last">The number of the node with whose end the workflow ends, and whose result is its result.</param>
public sealed record WorkflowPlan(IReadOnlyList<WorkflowNode> Nodes, int Last)
{
    /// <summary>Whether any of it knows how it is taken back.</summary>
    public bool HasCompensations => Nodes.Any(node => node.Compensation is not null);
}

/// <summary>One node of a <see cref="WorkflowPlan"/>.</summary>
public sealed record WorkflowNode
{
    /// <summary>Its place in the plan, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>What happens when all that it waits for has ended.</summary>
    public required NodeKind Kind { get; init; }

    /// <summary>Its name, once in a workflow.</summary>
    public required string Name { get; init; }

    /// <summary>The nodes that it waits for, all before it in the plan. Of a join that gives a list, in the order of the list.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>The nodes that wait for it.</summary>
    public IReadOnlyList<int> Before { get; init; } = [];

    /// <summary>The joins of the groups and graphs around it, the innermost first. None for a call that is made beside another: nobody takes it back.</summary>
    public IReadOnlyList<int> Within { get; init; } = [];

    /// <summary>Whether it is there for a failure: it is left out if what it waits for has succeeded, and taken if that has not.</summary>
    public bool IsForFailure { get; init; }

    /// <summary>Of a call: what is run.</summary>
    public NodeCall? Call { get; init; }

    /// <summary>Of a call: what takes it back, should the workflow fail after it has succeeded.</summary>
    public NodeCall? Compensation { get; init; }

    /// <summary>Of a join: what follows from a failure before it.</summary>
    public FailurePolicy Policy { get; init; }

    /// <summary>Of a join that goes on whatever has failed: the nodes that stand before all that it joins. It does not go on if one of them has not succeeded.</summary>
    public IReadOnlyList<int> Behind { get; init; } = [];

    /// <summary>Of a join: what stands in its list, or for the result that it takes, where a node has not succeeded; null: null.</summary>
    public Payload? Absent { get; init; }

    /// <summary>Of a join: the node whose result it takes; null: the list of the results of all that it waits for.</summary>
    public int? ResultOf { get; init; }

    /// <summary>Of a join: that of a group of none; its result is an empty list, whatever it waits for.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Of a signal: how long it is waited for; null: as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Of a signal: what it may be given; null: anything.</summary>
    public ValueShape? Accepts { get; init; }

    /// <summary>Of an instant: how long after what it waits for; null: see <see cref="Until"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Of an instant: when.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A run that a node makes.</summary>
/// <param name="TaskName">The task.</param>
/// <param name="Arguments">The arguments, as far as they are known.</param>
public sealed record NodeCall(string TaskName, Payload Arguments)
{
    /// <summary>Whether the arguments are a list, and one run works through them.</summary>
    public bool IsMany { get; init; }

    /// <summary>How the run differs from its task's options.</summary>
    public RunOptions? Options { get; init; }

    /// <summary>The arguments that come from other nodes.</summary>
    public IReadOnlyList<NodeInput> Inputs { get; init; } = [];
}

/// <summary>An argument that comes from another node.</summary>
/// <param name="From">The node: its result or, if the call is there for a failure, its <see cref="StepFailure"/>.</param>
/// <param name="Path">The JSON properties that lead to the value; none: the whole.</param>
/// <param name="Into">The JSON property of the arguments; null: it is the arguments.</param>
public sealed record NodeInput(int From, IReadOnlyList<string> Path, string? Into = null);

/// <summary>What a node of a workflow is.</summary>
public enum NodeKind
{
    /// <summary>Where branches begin or come together; nothing is run.</summary>
    Join = 0,

    /// <summary>A run.</summary>
    Call = 1,

    /// <summary>Somebody outside must say that it goes on.</summary>
    Signal = 2,

    /// <summary>It goes on at an instant.</summary>
    Instant = 3,
}
