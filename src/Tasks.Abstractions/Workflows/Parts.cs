using System.Text.Json;

namespace TasksBus.Workflows;

/// <summary>What a workflow is made of, as data.</summary>
internal abstract record Part
{
    /// <summary>What a workflow without a name is called in messages.</summary>
    public string Describe() => this switch
    {
        CallPart call => call.Task,
        ChainPart chain => $"chain of {chain.Last.Number}",
        GroupPart group => $"group of {group.Members.Count}",
        GraphPart graph => $"graph of {graph.Steps.Count}",
        SignalPart => "signal",
        _ => "wait",
    };
}

/// <summary>One part after the other.</summary>
internal sealed record ChainPart(ChainLink Last) : Part;

/// <summary>A step of a chain; linked to the one before, so that a chain grows by a step in constant time.</summary>
internal sealed class ChainLink(ChainLink? previous, Workflow step)
{
    public int Number { get; } = (previous?.Number ?? 0) + 1;

    public ChainLink? Previous => previous;

    public Workflow Step => step;

    public Workflow[] Steps()
    {
        var steps = new Workflow[Number];
        for (var link = this; link is not null; link = link.Previous)
            steps[link.Number - 1] = link.Step;
        return steps;
    }
}

/// <summary>Parts side by side.</summary>
internal sealed record GroupPart(IReadOnlyList<Workflow> Members) : Part
{
    public FailurePolicy Policy { get; init; }

    /// <exception cref="InvalidWorkflowException">There are more than a workflow can have; what has no end is not collected.</exception>
    public static GroupPart Of(IEnumerable<Workflow> members)
    {
        var all = members.Take(Workflow.MaxSteps + 1).ToArray();
        return all.Length <= Workflow.MaxSteps
            ? new GroupPart(all)
            : throw new InvalidWorkflowException($"A group is given more than {Workflow.MaxSteps} members, which no workflow can have as steps: '{all[^1]}' is the first too many. {Draft.WayOut}");
    }

    /// <summary>The JSON that stands in the list for a member without a result; null: null.</summary>
    public string? Absent { get; init; }
}

/// <summary>Named steps that wait for each other.</summary>
/// <param name="Steps">Each after all those that it waits for.</param>
internal sealed record GraphPart(IReadOnlyList<WorkflowStep> Steps) : Part
{
    public FailurePolicy Policy { get; init; }

    /// <summary>The step whose result is that of the graph.</summary>
    public string? Result { get; init; }

    /// <summary>The JSON that is its result where that step has none; null: null.</summary>
    public string? Absent { get; init; }
}

/// <summary>Somebody outside must say that it goes on.</summary>
internal sealed record SignalPart(TimeSpan? Timeout, Type? Value = null, ValueShape? Shape = null) : Part
{
    /// <summary>What it may be given; null: anything.</summary>
    public ValueShape? ShapeIn(JsonSerializerOptions json) => Value is null ? Shape : ValueShape.Of(Value, json);
}

/// <summary>It goes on at an instant.</summary>
internal sealed record InstantPart(TimeSpan? Delay, DateTimeOffset? Until) : Part;

/// <summary>A call that is made when what it stands beside has ended in one way, and for which nothing waits.</summary>
internal sealed record SideCall(Workflow Call, bool IsForFailure);
