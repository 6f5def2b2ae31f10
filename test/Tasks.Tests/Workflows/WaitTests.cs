using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>Steps that run nothing: signals and instants.</summary>
public sealed class WaitTests
{
    [Fact]
    public void A_step_after_a_signal_takes_its_value()
    {
        var plan = Workflow.Chain(new Fetch("a")).Then(Workflow.WaitForSignal<Author>("approved", TimeSpan.FromDays(2))).Then(author => new Notify(author.Name)).Plan();

        Assert.Equal(["2 approved after 1", "3 Notify Notify{} text=2.name after 2"], plan.Lines()[1..]);
        Assert.Equal((NodeKind.Signal, TimeSpan.FromDays(2)), (plan.Nodes[2].Kind, plan.Nodes[2].Timeout));
    }

    [Fact]
    public void A_step_waits_for_an_instant_or_for_a_time()
    {
        var instant = new DateTimeOffset(2026, 12, 24, 18, 0, 0, TimeSpan.Zero);

        var plan = Workflow.Chain(Workflow.WaitUntil(instant), Workflow.Wait(TimeSpan.FromHours(1)), new Notify("a").ToCall()).Plan();

        Assert.Equal(["1 wait-1 after 0", "2 wait-2 after 1", """3 Notify Notify{"text":"a"} after 2"""], plan.Lines());
        Assert.Equal([(NodeKind.Instant, (DateTimeOffset?)instant, null), (NodeKind.Instant, null, (TimeSpan?)TimeSpan.FromHours(1))], plan.Nodes.Skip(1).Take(2).Select(node => (node.Kind, node.Until, node.Delay)));
    }

    [Fact]
    public void A_member_of_a_group_may_wait()
    {
        var workflow = Workflow.Group(Workflow.WaitForSignal("go"), new Notify("a").ToCall());

        Assert.Equal(["1 go after 0 in 3", """2 Notify Notify{"text":"a"} after 0 in 3""", "3 group joins after 1,2"], workflow.Lines());
    }

    [Fact]
    public void Times_that_cannot_be_waited_for_are_refused()
    {
        Assert.Equal("A step waits for -00:00:01, which is below 0. Give 0 to 36500 days.", Assert.Throws<InvalidWorkflowException>(() => Workflow.Wait(TimeSpan.FromSeconds(-1))).Message);
        Assert.StartsWith("A step waits for 10675199.02:48:05.4775807, which is longer than it could be waited for.", Assert.Throws<InvalidWorkflowException>(() => Workflow.Wait(TimeSpan.MaxValue)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidWorkflowException>(() => Workflow.WaitForSignal("go", TimeSpan.MaxValue));
        Assert.Equal("The signal 'go' is waited for 00:00:00. Give more than 0, up to 36500 days, or null to wait as long as it takes.", Assert.Throws<InvalidWorkflowException>(() => Workflow.WaitForSignal("go", TimeSpan.Zero)).Message);
    }
}
