using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>What of a workflow travels with each run, and is kept for each step, is as much in a workflow of thousands as in one of ten, but for the digits of their numbers.</summary>
public sealed class WorkflowSizeTests
{
    private const int Digits = 100;

    [Fact]
    public async Task A_member_of_a_wide_group_costs_the_broker_and_the_store_no_more_than_one_of_a_narrow_group()
    {
        await using var queue = await TaskQueueFixture.Start(Sums.Add);

        var (narrow, wide) = (Chord(10), Chord(10_000));

        Assert.InRange(wide.Max(node => node.Definition!.Value.Length), 0, narrow.Max(node => node.Definition!.Value.Length) + Digits);
        Assert.InRange(LongestMessage(queue, wide), 0, LongestMessage(queue, narrow) + Digits);
    }

    [Fact]
    public void A_step_of_a_long_chain_takes_no_more_along_than_one_of_a_short_chain()
    {
        var (narrow, wide) = (Chain(10), Chain(1_000));

        Assert.InRange(wide.Max(node => node.Definition!.Value.Length), 0, narrow.Max(node => node.Definition!.Value.Length) + Digits);
    }

    private static List<NodeWrite> Chord(int width) => Nodes(Workflow.Chord(Enumerable.Repeat(new Twice(1), width), numbers => new Total(numbers)));

    private static List<NodeWrite> Chain(int length) =>
        Nodes(Enumerable.Range(1, length - 1).Aggregate((Workflow<int>)Workflow.Chain(new Twice(1)), (chain, _) => chain.Then(number => new Twice(number))));

    private static List<NodeWrite> Nodes(Workflow workflow)
    {
        var plan = WorkflowPlanner.Plan(workflow, Payload.DefaultOptions);
        var settled = plan.Nodes.Select(node => node with { Call = node.Call is null ? null : node.Call with { Options = new RunOptions { Queue = "tasks", Priority = 0 } } });
        return [.. PlannedNodes.Of(plan with { Nodes = [.. settled] })];
    }

    private static int LongestMessage(TaskQueueFixture queue, List<NodeWrite> nodes)
    {
        var (workflowId, runs) = (Guid.NewGuid(), queue.Services.GetRequiredService<NodeRuns>());
        return nodes
            .Select(node => (node.Node, Definition: NodeDefinition.Read(node.Definition!.Value)))
            .Where(node => node.Definition.Call is not null)
            .Max(node => JsonSerializer.SerializeToUtf8Bytes(runs.Of(workflowId, node.Node, node.Definition).Message).Length);
    }
}
