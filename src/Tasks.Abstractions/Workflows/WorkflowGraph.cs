using System.Text.Json.Serialization;

using TasksBus.Workflows;

namespace TasksBus;

/// <summary>Named steps that wait for each other, for what is neither a chain nor a group. Its result is that of one step, or none.</summary>
[JsonConverter(typeof(WorkflowJson))]
public sealed record WorkflowGraph : Workflow
{
    internal WorkflowGraph(GraphPart graph)
        : base(graph)
    {
    }

    /// <summary>What happens when a step does not succeed. Default: <see cref="FailurePolicy.WaitForAll"/>.</summary>
    public FailurePolicy FailurePolicy { get => Content.Policy; init => Part = Content with { Policy = value }; }

    private GraphPart Content => (GraphPart)Part;

    /// <summary>The same with another <see cref="FailurePolicy"/>.</summary>
    public WorkflowGraph WithFailurePolicy(FailurePolicy policy) => this with { FailurePolicy = policy };

    /// <summary>The same with the result of a step as its own.</summary>
    /// <typeparam name="TResult">The result of that step.</typeparam>
    /// <param name="step">The name of the step.</param>
    /// <remarks>A graph that goes on although the step has failed (<see cref="FailurePolicy.Continue"/>) gives the default of the type; to tell, take a nullable one.</remarks>
    /// <exception cref="InvalidWorkflowException">There is no such step, or its result is of another type.</exception>
    public WorkflowGraph<TResult> Returns<TResult>(string step)
    {
        GraphOrder.Check(Content.Steps, step, typeof(TResult), "The result of the graph");
        return new WorkflowGraph<TResult>(Content with { Result = step }) { Name = Name, Sides = Sides };
    }
}

/// <summary>Named steps that wait for each other, with the result of one of them.</summary>
/// <typeparam name="TResult">That result.</typeparam>
[JsonConverter(typeof(WorkflowJson))]
public sealed record WorkflowGraph<TResult> : Workflow<TResult>
{
    internal WorkflowGraph(GraphPart graph)
        : base(graph with { Absent = Absence.Of<TResult>() })
    {
    }

    /// <inheritdoc cref="WorkflowGraph.FailurePolicy"/>
    public FailurePolicy FailurePolicy { get => Content.Policy; init => Part = Content with { Policy = value }; }

    private GraphPart Content => (GraphPart)Part;

    /// <summary>The same with another <see cref="FailurePolicy"/>.</summary>
    public WorkflowGraph<TResult> WithFailurePolicy(FailurePolicy policy) => this with { FailurePolicy = policy };
}

/// <summary>A step of a <see cref="WorkflowGraph"/>, made by <see cref="Workflow.Step(string, Workflow, IEnumerable{string})"/>. Does not change.</summary>
public sealed record WorkflowStep
{
    internal WorkflowStep(Workflow work, IReadOnlyList<(string Step, Type Type)> sources, IEnumerable<string>? after)
    {
        Work = work;
        Sources = sources;
        After = [.. sources.Select(source => source.Step).Concat(after ?? []).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Its name, once in the workflow.</summary>
    public string Name => Work.Name!;

    /// <summary>The steps that it waits for.</summary>
    public IReadOnlyList<string> After { get; }

    internal Workflow Work { get; }

    /// <summary>The steps of which the call takes results, in the order of the parameters of its lambda, with the types that it expects.</summary>
    internal IReadOnlyList<(string Step, Type Type)> Sources { get; }
}
