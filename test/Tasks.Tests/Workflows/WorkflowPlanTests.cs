using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>What is true of every plan.</summary>
public sealed class WorkflowPlanTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 200)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_any_workflow_each_node_comes_after_all_that_it_waits_for_and_can_be_reached(int seed)
    {
        var plan = Random(new Random(seed), depth: 4).Plan();

        Assert.Equal(Enumerable.Range(0, plan.Nodes.Count), plan.Nodes.Select(node => node.Index));
        Assert.All(plan.Nodes.Skip(1), node =>
        {
            Assert.NotEmpty(node.After);
            Assert.All(node.After, after => Assert.InRange(after, 0, node.Index - 1));
        });
        Assert.Equal((NodeKind.Join, "start", 0), (plan.Nodes[0].Kind, plan.Nodes[0].Name, plan.Nodes[0].After.Count));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_any_workflow_what_waits_for_a_node_is_the_inverse_of_what_it_waits_for(int seed)
    {
        var plan = Random(new Random(seed), depth: 4).Plan();

        Assert.Equal(
            plan.Nodes.SelectMany(node => node.After.Select(after => (after, node.Index))).Order(),
            plan.Nodes.SelectMany(node => node.Before.Select(before => (node.Index, before))).Order());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_any_workflow_everything_but_calls_beside_leads_to_the_last_node(int seed)
    {
        var plan = Random(new Random(seed), depth: 4).Plan();

        var leads = new HashSet<int>();
        var open = new Stack<int>([plan.Last]);
        while (open.TryPop(out var index))
        {
            if (leads.Add(index))
                Array.ForEach([.. plan.Nodes[index].After], open.Push);
        }

        Assert.All(plan.Nodes.Where(node => !leads.Contains(node.Index)), node => Assert.Equal(("beside", 0, 0), (node.Name.Split('-')[0], node.Before.Count, node.Within.Count)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_any_workflow_names_are_unique_joins_are_around_and_inputs_come_from_before(int seed)
    {
        var plan = Random(new Random(seed), depth: 4).Plan();

        Assert.Equal(plan.Nodes.Count, plan.Nodes.Select(node => node.Name).Distinct().Count());
        Assert.All(plan.Nodes, node =>
        {
            Assert.All(node.Within, join => Assert.True(join > node.Index && plan.Nodes[join].Kind == NodeKind.Join));
            Assert.Equal(node.Within.Order(), node.Within);
            Assert.All(node.Call?.Inputs ?? [], input => Assert.Contains(input.From, node.After));
        });
    }

    [Fact]
    public void A_group_of_a_hundred_thousand_is_laid_out_in_proportion()
    {
        var plan = Workflow.Group(Enumerable.Range(0, 100_000).Select(number => new Count("a", number))).Then(counts => new Sum(counts)).Plan();

        Assert.Equal((100_003, 100_002), (plan.Nodes.Count, plan.Last));
        Assert.Equal(100_000, plan.Nodes[100_001].After.Count);
        Assert.Same(plan.Nodes[1].Within, plan.Nodes[100_000].Within);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_is_composed_laid_out_compared_and_written_without_recursion()
    {
        Workflow<Page> workflow = new Fetch("0").ToCall();
        for (var step = 1; step < 100_000; step++)
            workflow = workflow.Then(new Fetch("a"));

        Assert.Equal(100_000, workflow.Plan().Last);
        Assert.NotEqual(workflow, workflow.Then(new Fetch("a")));
        Assert.Equal(workflow.GetHashCode(), (workflow with { }).GetHashCode());
        Assert.Equal("chain of 100000", workflow.ToString());
        Assert.Equal(100_000, Payload.From(workflow).As<Workflow<Page>>()!.Plan().Last);
    }

    [Fact]
    public void Parts_nested_too_deep_are_refused_rather_than_the_end_of_the_process()
    {
        Workflow workflow = new Notify("a").ToCall();
        for (var depth = 0; depth < 100_000; depth++)
            workflow = Workflow.Group(workflow);

        var error = Assert.Throws<InvalidWorkflowException>(() => workflow.Plan());

        Assert.Contains("is nested too deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_go_by_the_names_that_the_queue_gives_them()
    {
        var plan = WorkflowPlanner.Plan(
            Workflow.Chain(new Fetch("a").ToCall().CompensatedBy(new Notify("x"))).Then(TaskCall.Of("legacy.mail", null)), Payload.DefaultOptions, type => $"my.{type.Name}");

        Assert.Equal(["my.Fetch", "legacy.mail"], plan.Nodes.Skip(1).Select(node => node.Call!.TaskName));
        Assert.Equal("my.Notify", plan.Nodes[1].Compensation?.TaskName);
    }

    /// <summary>Any workflow that gives a number, with calls beside its parts.</summary>
    private static Workflow<int> Random(Random random, int depth)
    {
        Workflow<int> workflow = (depth == 0 ? 0 : random.Next(6)) switch
        {
            0 => new Count("a", random.Next()).ToCall(),
            1 => Random(random, depth - 1).Then(count => new Count("b", count)),
            2 => Random(random, depth - 1).Then(Random(random, depth - 1)),
            3 => Workflow.Group(Enumerable.Range(0, random.Next(4)).Select(_ => Random(random, depth - 1))).Then(counts => new Sum(counts)),
            4 => Workflow.Graph(
                Workflow.Step($"left-{random.Next()}", Random(random, depth - 1)), Workflow.Step($"x{depth}{random.Next()}", Random(random, depth - 1)), Diamond(random, depth)).Then(new Count("c")),
            _ => Workflow.Chain(Workflow.Wait(TimeSpan.FromSeconds(1)).Then(Workflow.WaitForSignal<int>($"signal-{random.Next()}"))).Then(number => new Count("d", number)),
        };

        if (random.Next(4) == 0)
            workflow = workflow.OnSuccess(TaskCall.Of(new Notify("a")).Named($"beside-{random.Next()}"));
        return random.Next(4) == 0 ? workflow.OnFailure(TaskCall.Of(new Notify("a")).Named($"beside-{random.Next()}")) : workflow;
    }

    private static WorkflowStep Diamond(Random random, int depth)
    {
        var (top, left, right) = ($"t{random.Next()}", $"l{random.Next()}", $"r{random.Next()}");
        return Workflow.Step($"d{random.Next()}", Workflow.Graph(
            Workflow.Step($"bottom-{random.Next()}", new Notify("e"), [left, right]), Workflow.Step(left, Random(random, depth - 1), [top]), Workflow.Step(right, new Notify("f"), [top]),
            Workflow.Step(top, Random(random, depth - 1))));
    }
}
