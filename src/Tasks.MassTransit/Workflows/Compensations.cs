using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Takes back what the steps of a workflow have done: by a workflow of its own, the latest step first. Safe to share between threads.</summary>
/// <remarks>One that fails does not keep the others from being taken back; it fails that workflow at its end.</remarks>
internal sealed class Compensations(Foundation foundation, NodeResults results, WorkflowTracker tracker, Lazy<WorkflowDesk> desk)
{
    private const int PageSize = 500;

    /// <summary>Starts it, unless it runs already.</summary>
    /// <returns>Whether there is anything to take back that is not yet.</returns>
    public async Task<bool> Start(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var id = WorkflowIds.CompensationOf(workflow.CorrelationId);
        if (await tracker.Documents.Load(id, cancellationToken).ConfigureAwait(false) is { } started)
            return !started.Saga.State.IsFinal();
        var calls = await CallsFor(workflow, cancellationToken).ConfigureAwait(false);
        if (calls.Count == 0)
            return false;

        await desk.Value.Submit(
            Plan(calls),
            new WorkflowOptions { WorkflowId = id, Name = $"Takes back {workflow.Name ?? workflow.CorrelationId.ToString()}", Lifetime = workflow.Lifetime },
            new WorkflowOrigin(Step: new WorkflowPlace(workflow.CorrelationId, "", workflow.Last), RootId: workflow.RootId, IsCompensation: true),
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>What takes the steps back that have succeeded, the latest first.</summary>
    private async Task<List<(string Step, NodeCall Call)>> CallsFor(WorkflowSaga workflow, CancellationToken cancellationToken)
    {
        var calls = new List<(int Place, int Node, string Step, NodeCall Call)>();
        var count = await foundation.Workflows.Count(workflow.CorrelationId, cancellationToken).ConfigureAwait(false);
        foreach (var page in Enumerable.Range(0, count.Nodes).Chunk(PageSize))
        {
            foreach (var node in await foundation.Workflows.Read(workflow.CorrelationId, page, cancellationToken).ConfigureAwait(false))
            {
                if (node.End?.State != TaskState.Succeeded || NodeDefinition.Read(node.Definition) is not { Compensation: { } call } definition)
                    continue;
                var arguments = await results.ArgumentsOf(workflow.CorrelationId, call, isForFailure: false, cancellationToken).ConfigureAwait(false);
                calls.Add((PlaceOf(node.Node, definition, workflow), node.Node, definition.Name, call with { Arguments = arguments, Inputs = [] }));
            }
        }

        return [.. calls.OrderByDescending(call => (call.Place, call.Node)).Select(call => (call.Step, call.Call))];
    }

    /// <summary>Where a step stands among those that the workflow was submitted with, which come after all that they wait for. What was added stands where the group ends that it was added to.</summary>
    private static int PlaceOf(int node, NodeDefinition definition, WorkflowSaga workflow) => node < workflow.Steps ? node : definition.Within!.First(join => join < workflow.Steps);

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
