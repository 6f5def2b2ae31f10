using System.Runtime.CompilerServices;

namespace TasksBus.Workflows;

/// <summary>Lays a workflow out flat: a node for each step, in an order in which each comes after all that it waits for.</summary>
internal sealed class Layout
{
    private readonly List<Draft> _nodes = [];
    private readonly List<(string Name, Place Place)> _titles = [];

    public IReadOnlyList<Draft> Nodes => _nodes;

    /// <summary>The node with whose end the workflow ends.</summary>
    public int Last { get; private set; }

    /// <exception cref="InvalidWorkflowException">There are too many steps, two have one name, or parts are nested too deep.</exception>
    public static Layout Of(Workflow workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        var layout = new Layout();
        var start = layout.Add(new Draft { Index = 0, Name = StepNames.Start, After = [], Place = Place.Whole });
        layout.Last = layout.Lay(workflow, new Spot([start], [], null, Place.Whole, ""));
        StepNames.Settle(layout._nodes, layout._titles);
        return layout;
    }

    private int Lay(Workflow workflow, Spot spot)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new InvalidWorkflowException($"'{workflow}' is nested too deep. Write chains as one chain, with Then after Then, and give names and calls beside it to the whole.");

        var last = workflow.Part switch
        {
            ChainPart chain => LayChain(chain, Inside(workflow, spot)),
            GroupPart group => LayGroup(group, workflow.Name, spot, Inside(workflow, spot)),
            GraphPart graph => LayGraph(graph, workflow.Name, spot, Inside(workflow, spot)),
            var single => Add(Node(single, workflow.Name, spot)),
        };

        foreach (var (index, side) in workflow.Sides.Index())
        {
            var beside = new Spot([last], [last], null, new Place(spot.Place, "call", index + 1, "beside it"), spot.Prefix);
            Add(Node(side.Call.Part, side.Call.Name, beside, side));
        }

        return last;
    }

    private int LayChain(ChainPart chain, Spot spot)
    {
        var at = spot;
        foreach (var (index, step) in chain.Last.Steps().Index())
        {
            var last = Lay(step, at with { Place = new Place(spot.Place, "step", index + 1, "of the chain") });
            at = at with { After = [last], Sources = [last] };
        }

        return at.After[0];
    }

    private int LayGroup(GroupPart group, string? name, Spot spot, Spot inside)
    {
        var scope = new Scope(spot.Within);
        var ends = new int[group.Members.Count];
        for (var index = 0; index < ends.Length; index++)
            ends[index] = Lay(group.Members[index], inside with { Within = scope, Place = new Place(spot.Place, "member", index + 1, "of the group") });

        return scope.Join = Add(new Draft
        {
            Index = _nodes.Count,
            Part = group,
            Name = name,
            Prefix = spot.Prefix,
            After = ends.Length > 0 ? ends : spot.After,
            Within = spot.Within,
            Place = spot.Place,
            Policy = group.Policy,
            Behind = group.Policy == FailurePolicy.Continue ? spot.After : [],
            Absent = group.Absent,
            IsEmpty = ends.Length == 0,
        });
    }

    private int LayGraph(GraphPart graph, string? name, Spot spot, Spot inside)
    {
        var scope = new Scope(spot.Within);
        var ends = new Dictionary<string, int>(graph.Steps.Count, StringComparer.Ordinal);
        foreach (var (index, step) in graph.Steps.Index())
        {
            ends[step.Name] = Lay(step.Work, inside with
            {
                After = step.After.Count > 0 ? [.. step.After.Select(after => ends[after])] : spot.After,
                Sources = [.. step.Sources.Select(source => ends[source.Step])],
                Within = scope,
                Place = new Place(spot.Place, "step", index + 1, "of the graph"),
            });
        }

        var awaited = graph.Steps.SelectMany(step => step.After).ToHashSet(StringComparer.Ordinal);
        return scope.Join = Add(new Draft
        {
            Index = _nodes.Count,
            Part = graph,
            Name = name,
            Prefix = spot.Prefix,
            After = [.. graph.Steps.Where(step => !awaited.Contains(step.Name)).Select(step => ends[step.Name])],
            Within = spot.Within,
            Place = spot.Place,
            Policy = graph.Policy,
            Behind = graph.Policy == FailurePolicy.Continue ? spot.After : [],
            Absent = graph.Absent,
            ResultOf = graph.Result is { } result ? ends[result] : null,
        });
    }

    /// <summary>The spot of the parts of a workflow: within its name, if it has one and is itself a part.</summary>
    private Spot Inside(Workflow workflow, Spot spot)
    {
        if (workflow.Name is null || spot.Place == Place.Whole)
            return spot;
        if (workflow.Part is ChainPart)
            _titles.Add((workflow.Name, spot.Place));
        return spot with { Prefix = $"{spot.Prefix}{workflow.Name}/" };
    }

    private Draft Node(Part part, string? name, Spot spot, SideCall? side = null) => new()
    {
        Index = _nodes.Count,
        Part = part,
        Name = name,
        Prefix = spot.Prefix,
        After = spot.After,
        Sources = spot.Sources,
        Within = spot.Within,
        Place = spot.Place,
        IsBeside = side is not null,
        IsForFailure = side is { IsForFailure: true },
    };

    private int Add(Draft node)
    {
        if (_nodes.Count == Workflow.MaxSteps)
            throw new InvalidWorkflowException($"The workflow has more than {Workflow.MaxSteps} steps: '{node.Name ?? node.Kind}' is the first too many. {Draft.WayOut}");
        _nodes.Add(node);
        return node.Index;
    }

    /// <summary>Where the next part goes: what it waits for, what it can take, and what it is within.</summary>
    private readonly record struct Spot(IReadOnlyList<int> After, IReadOnlyList<int> Sources, Scope? Within, Place Place, string Prefix);
}
