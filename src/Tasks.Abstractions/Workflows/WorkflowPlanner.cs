using System.Text;
using System.Text.Json;

namespace TasksBus.Workflows;

/// <summary>Lays workflows out as they are kept and followed.</summary>
/// <remarks>
/// Node 0 is the start. The members of a group each wait for what the group waits for, and a join waits for the last node of each; so do the steps of a
/// graph and its join, but for those that others wait for. Each part of a chain waits for the last node of the one before. The result of a part is that
/// of its last node. A call beside a part waits for its last node, which the part does not.
/// </remarks>
public static class WorkflowPlanner
{
    /// <summary>Lays out a workflow; takes time and memory in proportion to its steps.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="json">How the queue writes arguments and results; settles also what their properties are called. Is made read-only.</param>
    /// <param name="taskName">What the task of a type of arguments is called. Default: <see cref="TaskName.Of"/>.</param>
    /// <param name="maxPayloadSize">How many bytes the arguments of a run of many items may have; more are not written. Default: as many as there are.</param>
    /// <exception cref="InvalidWorkflowException">
    /// There are more than <see cref="Workflow.MaxSteps"/> steps, arguments that are too long, two steps have one name, arguments cannot be written as JSON or lack a property that a result goes into, or parts are nested too deep.
    /// </exception>
    public static WorkflowPlan Plan(Workflow workflow, JsonSerializerOptions json, Func<Type, string>? taskName = null, int maxPayloadSize = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        ArgumentNullException.ThrowIfNull(json);
        json.MakeReadOnly(populateMissingResolver: true);
        var layout = Layout.Of(workflow);
        var before = Before(layout.Nodes);
        var calls = new NodeCalls(json, taskName ?? TaskName.Of, maxPayloadSize);
        return new WorkflowPlan([.. layout.Nodes.Select(node => Node(node, before[node.Index], calls, json))], layout.Last);
    }

    private static WorkflowNode Node(Draft node, IReadOnlyList<int> before, NodeCalls calls, JsonSerializerOptions json) => new()
    {
        Index = node.Index,
        Kind = node.Part switch
        {
            CallPart => NodeKind.Call,
            SignalPart => NodeKind.Signal,
            InstantPart => NodeKind.Instant,
            _ => NodeKind.Join,
        },
        Name = node.Name!,
        After = node.After,
        Before = before,
        Within = node.Within?.Joins ?? [],
        IsForFailure = node.IsForFailure,
        Call = node.Part is CallPart call ? calls.Of(call, node.Name!, node.Sources) : null,
        Compensation = node.Part is CallPart { Compensation: { } compensation } ? calls.Of(compensation, node.Name!, [node.Index]) : null,
        Policy = node.Policy,
        Behind = node.Behind,
        Absent = node.Absent is null ? null : Payload.Known(Encoding.UTF8.GetBytes(node.Absent)),
        ResultOf = node.ResultOf,
        IsEmpty = node.IsEmpty,
        Timeout = (node.Part as SignalPart)?.Timeout,
        Accepts = (node.Part as SignalPart)?.ShapeIn(json),
        Delay = (node.Part as InstantPart)?.Delay,
        Until = (node.Part as InstantPart)?.Until,
    };

    private static int[][] Before(IReadOnlyList<Draft> nodes)
    {
        var counts = new int[nodes.Count];
        foreach (var after in nodes.SelectMany(node => node.After))
            counts[after]++;

        var before = Array.ConvertAll(counts, count => count == 0 ? [] : new int[count]);
        Array.Clear(counts);
        foreach (var node in nodes)
        {
            foreach (var after in node.After)
                before[after][counts[after]++] = node.Index;
        }

        return before;
    }
}
