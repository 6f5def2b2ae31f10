using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Takes back what the steps of a workflow have done: by a workflow of its own, the latest step first. Safe to share between threads.</summary>
/// <remarks>One that fails does not keep the others from being taken back; it fails that workflow at its end.</remarks>
internal sealed class Compensations(Foundation foundation, NodeResults results, WorkflowTracker tracker, Lazy<WorkflowDesk> desk)
{
    private const int PageSize = 500;

    /// <summary>Starts it, unless it runs already.</summary>
    /// <returns>How far it is.</returns>
    public async Task<Compensation> Start(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var id = WorkflowIds.CompensationOf(workflow.CorrelationId);
        if (await tracker.Documents.Load(id, cancellationToken).ConfigureAwait(false) is { } started)
            return started.Saga.State.IsFinal() ? Compensation.Done : Compensation.UnderWay;
        var calls = await CallsFor(workflow.CorrelationId, cancellationToken).ConfigureAwait(false);
        if (calls.Count == 0)
            return Compensation.Nothing;

        await desk.Value.Submit(
            Plan(calls),
            new WorkflowOptions { WorkflowId = id, Name = $"Takes back {workflow.Name ?? workflow.CorrelationId.ToString()}", Lifetime = workflow.Lifetime },
            new WorkflowOrigin(Step: new WorkflowPlace(workflow.CorrelationId, "", workflow.Last), RootId: workflow.RootId, IsCompensation: true),
            cancellationToken).ConfigureAwait(false);
        return Compensation.UnderWay;
    }

    /// <summary>What takes the steps back that have succeeded, the latest first.</summary>
    private async Task<List<(string Step, NodeCall Call)>> CallsFor(Guid workflowId, CancellationToken cancellationToken)
    {
        var calls = new List<(List<int> Place, string Step, NodeCall Call)>();
        var count = await foundation.Workflows.Count(workflowId, cancellationToken).ConfigureAwait(false);
        foreach (var page in Enumerable.Range(0, count.Nodes).Chunk(PageSize))
        {
            foreach (var node in await foundation.Workflows.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
            {
                if (node.End?.State != TaskState.Succeeded || NodeDefinition.Read(node.Definition) is not { Compensation: { } call } definition)
                    continue;
                var arguments = await results.ArgumentsOf(workflowId, call, isForFailure: false, cancellationToken).ConfigureAwait(false);
                calls.Add(([.. (definition.Within ?? []).Reverse(), node.Node], definition.Name, call with { Arguments = arguments, Inputs = [] }));
            }
        }

        calls.Sort((one, other) => Compare(other.Place, one.Place));
        return calls.ConvertAll(call => (call.Step, call.Call));
    }

    /// <summary>Which of two steps is later, by the joins around them, the outermost first: what was added to a group has a higher number than what comes after the group, but is before it.</summary>
    private static int Compare(List<int> one, List<int> other) => one.Zip(other).Select(pair => pair.First.CompareTo(pair.Second)).FirstOrDefault(order => order != 0);

    /// <summary>One call after the other, whatever becomes of each, and at the end what has become of all.</summary>
    private static WorkflowPlan Plan(List<(string Step, NodeCall Call)> calls)
    {
        var nodes = new List<WorkflowNode> { new() { Index = 0, Kind = NodeKind.Join, Name = "start", Before = [1] } };
        var end = (2 * calls.Count) + 1;
        foreach (var (step, call) in calls)
        {
            var index = nodes.Count;
            nodes.Add(new WorkflowNode { Index = index, Kind = NodeKind.Call, Name = $"undo {step}", After = [index - 1], Before = [index + 1, end], Call = call });
            nodes.Add(new WorkflowNode { Index = index + 1, Kind = NodeKind.Join, Name = $"after {step}", After = [index], Before = [index + 2], Policy = FailurePolicy.Continue });
        }

        nodes.Add(new WorkflowNode { Index = end, Kind = NodeKind.Join, Name = "end", After = [.. nodes.Where(node => node.Kind == NodeKind.Call).Select(node => node.Index), end - 1] });
        return new WorkflowPlan(nodes, end);
    }
}

/// <summary>How far it is with taking the steps of a workflow back.</summary>
internal enum Compensation
{
    /// <summary>None of them has done anything that can be taken back.</summary>
    Nothing,

    /// <summary>It goes on.</summary>
    UnderWay,

    /// <summary>It has ended.</summary>
    Done,
}
