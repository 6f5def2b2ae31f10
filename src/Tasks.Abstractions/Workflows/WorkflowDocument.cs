using System.Text.Json;
using System.Text.Json.Serialization;

namespace TasksBus.Workflows;

/// <summary>A workflow as JSON: one of call, chain, group, graph, signal and wait, and what every workflow may have besides.</summary>
/// <remarks>The names of tasks, and those of properties in arguments and results, are settled when it is written.</remarks>
internal sealed record WorkflowDocument
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public string? Name { get; init; }

    public NodeCall? Call { get; init; }

    public NodeCall? Compensation { get; init; }

    public IReadOnlyList<WorkflowDocument>? Chain { get; init; }

    public IReadOnlyList<WorkflowDocument>? Group { get; init; }

    public IReadOnlyList<StepDocument>? Graph { get; init; }

    public string? Result { get; init; }

    public FailurePolicy? FailurePolicy { get; init; }

    /// <summary>Of a group or a graph: as in <see cref="GroupPart"/> and <see cref="GraphPart"/>.</summary>
    public string? Absent { get; init; }

    public SignalDocument? Signal { get; init; }

    public WaitDocument? Wait { get; init; }

    public IReadOnlyList<WorkflowDocument>? OnSuccess { get; init; }

    public IReadOnlyList<WorkflowDocument>? OnFailure { get; init; }

    /// <summary>Writes a workflow with the arguments as these options have them, and its tasks as they are called there; default: <see cref="TaskName.Of"/>.</summary>
    public static WorkflowDocument Of(Workflow workflow, JsonSerializerOptions json, Func<Type, string>? taskName = null)
    {
        var calls = new NodeCalls(json, taskName ?? TaskName.Of);
        return Of(workflow);

        WorkflowDocument Of(Workflow workflow) => (workflow.Part switch
        {
            CallPart call => new WorkflowDocument { Call = CallOf(call), Compensation = call.Compensation is { } compensation ? CallOf(compensation) : null },
            ChainPart chain => new() { Chain = [.. chain.Last.Steps().Select(Of)] },
            GroupPart group => new() { Group = [.. group.Members.Select(Of)], FailurePolicy = NotDefault(group.Policy), Absent = group.Absent },
            GraphPart graph => new() { Graph = [.. graph.Steps.Select(step => new StepDocument(Of(step.Work), step.After, [.. step.Sources.Select(source => source.Step)]))], Result = graph.Result, FailurePolicy = NotDefault(graph.Policy), Absent = graph.Absent },
            SignalPart signal => new() { Signal = new SignalDocument(signal.Timeout, signal.ShapeIn(json)) },
            InstantPart wait => new() { Wait = new WaitDocument(wait.Delay, wait.Until) },
            _ => throw new NotSupportedException($"'{workflow}' is no workflow that can be written."),
        }) with
        {
            Name = workflow.Name,
            OnSuccess = Beside(workflow, isForFailure: false),
            OnFailure = Beside(workflow, isForFailure: true),
        };

        NodeCall CallOf(CallPart call) => calls.Of(call, call.Task, [.. Enumerable.Range(0, call.Inputs.Select(input => input.Source + 1).DefaultIfEmpty().Max())]);

        List<WorkflowDocument>? Beside(Workflow workflow, bool isForFailure) =>
            workflow.Sides.Where(side => side.IsForFailure == isForFailure).Select(side => Of(side.Call)).ToList() is { Count: > 0 } calls ? calls : null;
    }

    /// <summary>What it is of; the types of arguments and results are not known.</summary>
    /// <exception cref="InvalidWorkflowException">It is of nothing, or of what cannot be.</exception>
    public Part ToPart() => this switch
    {
        { Call: { } call } => CallOf(call) with { Compensation = Compensation is { } compensation ? CallOf(compensation) : null },
        { Chain: { Count: > 0 } steps } => new ChainPart(steps.Select(step => step.ToWorkflow()).Aggregate((ChainLink?)null, (before, step) => new ChainLink(before, step))!),
        { Group: { } members } => new GroupPart([.. members.Select(member => member.ToWorkflow())]) { Policy = FailurePolicy ?? default, Absent = Absent },
        { Graph: { } steps } => new GraphPart(GraphOrder.Of([.. steps.Select(step => step.ToStep())])) { Policy = FailurePolicy ?? default, Result = Result, Absent = Absent },
        { Signal: { } signal } => (SignalPart)Workflow.WaitForSignal(Name ?? "signal", signal.Time).Part with { Shape = signal.Accepts },
        { Wait.Time: { } time } => Workflow.Wait(time).Part,
        { Wait.Until: { } until } => Workflow.WaitUntil(until).Part,
        _ => throw new InvalidWorkflowException("A workflow in JSON holds none of call, chain, group, graph, signal and wait. Give one of them, a chain at least one step."),
    };

    /// <summary>A workflow of its part, with its name and the calls beside it.</summary>
    /// <exception cref="InvalidWorkflowException">More than a call stands beside it.</exception>
    public Workflow Complete(Workflow bare)
    {
        var succeeding = (OnSuccess ?? []).Aggregate(bare with { Name = Name }, (workflow, call) => workflow.Beside(call.ToWorkflow(), isForFailure: false));
        return (OnFailure ?? []).Aggregate(succeeding, (workflow, call) => workflow.Beside(call.ToWorkflow(), isForFailure: true));
    }

    private static FailurePolicy? NotDefault(FailurePolicy policy) => policy == default ? null : policy;

    private Workflow ToWorkflow() => Complete(new Workflow(ToPart()));

    private static CallPart CallOf(NodeCall call) => new(null, call.TaskName, call.Arguments)
    {
        IsMany = call.IsMany,
        Options = call.Options,
        Inputs = [.. call.Inputs.Select(input => new Binding(input.From, [.. input.Path.Select(name => new Property(null, name))], input.Into is { } into ? new Property(null, into) : null))],
    };

    /// <summary>A step of a graph.</summary>
    internal sealed record StepDocument(WorkflowDocument Work, IReadOnlyList<string> After, IReadOnlyList<string> Sources)
    {
        public WorkflowStep ToStep() =>
            new(Work.ToWorkflow() is { Name: not null } work ? work : throw new InvalidWorkflowException("A step of a graph in JSON has no name. Give it one."), [.. Sources.Select(source => (source, typeof(object)))], After);
    }

    /// <summary>How long, or until when.</summary>
    internal sealed record SignalDocument(TimeSpan? Time = null, ValueShape? Accepts = null);

    internal sealed record WaitDocument(TimeSpan? Time = null, DateTimeOffset? Until = null);
}
