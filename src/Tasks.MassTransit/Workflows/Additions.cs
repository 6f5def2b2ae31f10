using System.Globalization;

using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Adds members to groups of workflows that run. Safe to share between threads.</summary>
internal sealed class Additions(Foundation foundation, WorkflowTracker tracker, WorkflowDriver driver, Lazy<WorkflowDesk> desk)
{
    /// <inheritdoc cref="TaskContext.AddToGroup"/>
    /// <param name="run">The run that adds something.</param>
    /// <param name="number">Which of its additions it is: each attempt counts them anew, and the same one is added once.</param>
    /// <param name="workflow">What it adds.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task Add(TaskSaga run, int number, Workflow workflow, CancellationToken cancellationToken)
    {
        if (run.Step is not { } step || await DefinitionOf(step, cancellationToken).ConfigureAwait(false) is not { Within: [var group, ..] within } member)
        {
            throw new InvalidOperationException(
                $"Run {run.CorrelationId} of task '{run.TaskName}' is no member of a group to which another could be added. {nameof(TaskContext.ContinueAs)} goes on with more steps from anywhere.");
        }

        var plan = await desk.Value.Plan(workflow, new WorkflowOptions { Headers = run.Headers, Priority = Continuations.PriorityAfter(run) }, cancellationToken).ConfigureAwait(false);
        if (plan.Nodes.FirstOrDefault(node => node.Kind == NodeKind.Signal) is { } signal)
        {
            throw new ArgumentException(
                $"Step '{signal.Name}' waits for a signal, which an added member cannot. Let the member be a call whose handler hands over to it with {nameof(TaskContext.ContinueAs)}.", nameof(workflow));
        }

        if (plan.HasCompensations && !await MayCompensate(step.WorkflowId, cancellationToken).ConfigureAwait(false))
            throw Ended(step);
        var name = string.Create(CultureInfo.InvariantCulture, $"{step.Node}.{number}");
        if (await foundation.Workflows.Reserve(step.WorkflowId, name, plan.Nodes.Count, cancellationToken).ConfigureAwait(false) is not { } place)
            throw Ended(step);
        if (place.IsAdded)
            return;
        var added = Moved(plan, place.First, within);
        await foundation.Workflows.Write(step.WorkflowId, [.. PlannedNodes.Of(added, group, member.StopsWith)], cancellationToken).ConfigureAwait(false);
        if (await foundation.Workflows.Add(step.WorkflowId, name, step.Node, group, place.First, added.Last, cancellationToken).ConfigureAwait(false) is not { } kept)
            throw Ended(step);
        if (kept != place.First)
            return;
        await driver.End(step.WorkflowId, place.First, new NodeEnd(TaskState.Succeeded), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private async Task<NodeDefinition?> DefinitionOf(WorkflowPlace step, CancellationToken cancellationToken) =>
        await foundation.Workflows.Read(step.WorkflowId, [step.Node], cancellationToken).ConfigureAwait(false) is [var node] ? NodeDefinition.Read(node.Definition) : null;

    private async Task<bool> MayCompensate(Guid workflowId, CancellationToken cancellationToken)
    {
        var added = new CompensationsAdded(workflowId);
        await tracker.Raise(tracker.Machine.CompensationsAdded, added, workflowId, cancellationToken).ConfigureAwait(false);
        return added.IsAccepted;
    }

    private static InvalidOperationException Ended(WorkflowPlace step) => new($"The group of step '{step.Name}' of workflow {step.WorkflowId} has ended, or the step has: nothing can be added.");

    /// <summary>The same with other numbers, and names that no other step has.</summary>
    private static WorkflowPlan Moved(WorkflowPlan plan, int first, IReadOnlyList<int> within) => new(
        [.. plan.Nodes.Select(node => node with
        {
            Index = node.Index + first,
            Name = $"{node.Name}+{first}",
            After = [.. node.After.Select(other => other + first)],
            Before = [.. node.Before.Select(other => other + first)],
            Within = [.. node.Within.Select(other => other + first), .. within],
            Behind = [.. node.Behind.Select(other => other + first)],
            ResultOf = node.ResultOf + first,
            Call = Moved(node.Call, first),
            Compensation = Moved(node.Compensation, first),
        })],
        plan.Last + first);

    private static NodeCall? Moved(NodeCall? call, int first) =>
        call is null ? null : call with { Inputs = [.. call.Inputs.Select(input => input with { From = input.From + first })] };
}
