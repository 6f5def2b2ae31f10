using System.Text.Json;

namespace TasksBus.Tests.Workflows;

/// <summary>Steps side by side, and what takes their results.</summary>
public sealed class GroupTests
{
    [Fact]
    public void Calls_side_by_side_from_one_result_are_configured_as_a_group_and_each()
    {
        var workflow = Workflow.Chain(new Fetch("a")).ThenGroup<int>(
            [page => new Count(page.Text, 1), page => new Count(page.Author.Name, 2)],
            group => group.WithFailurePolicy(FailurePolicy.FailFast).Named("counts"),
            call => call with { Options = new RunOptions { Queue = "texts" } });

        var plan = workflow.Then(counts => new Sum(counts)).Plan();

        Assert.Equal(["""2 counts/Count-1 Count{"limit":1} text=1.text after 1 in 4""", """3 counts/Count-2 Count{"limit":2} text=1.author.name after 1 in 4"""], plan.Lines()[1..3]);
        Assert.Equal((FailurePolicy.FailFast, "counts"), (plan.Nodes[4].Policy, plan.Nodes[4].Name));
        Assert.All(plan.Nodes.Skip(2).Take(2), node => Assert.Equal("texts", node.Call!.Options!.Queue));
    }

    [Fact]
    public void Calls_side_by_side_from_one_result_may_have_results_of_different_types_or_none()
    {
        var plain = Workflow.Chain(new Fetch("a")).ThenGroup(page => new Count(page.Text, 1), page => new Notify(page.Text));
        var configured = Workflow.Chain(new Fetch("a")).ThenGroup([page => new Notify(page.Text)], group => group.Staggered(TimeSpan.Zero, TimeSpan.FromMinutes(1)), call => call.CompensatedBy(new Notify("undo")));

        Assert.Equal(["""2 Count Count{"limit":1} text=1.text after 1 in 4""", "3 Notify Notify{} text=1.text after 1 in 4", "4 group joins after 2,3"], plain.Lines()[1..]);
        Assert.Equal("""2 Notify Notify{} text=1.text taken back by Notify{"text":"undo"} after 1 in 3""", configured.Lines()[1]);
    }

    [Fact]
    public void The_callback_of_a_chord_is_configured_as_any_step()
    {
        var plan = Workflow.Chord([new Count("a"), new Count("b")], counts => new Sum(counts), call => call with { Name = "all", Options = new RunOptions { Priority = 3 } }).Plan();

        Assert.Equal(("all", 3), (plan.Nodes[^1].Name, plan.Nodes[^1].Call!.Options!.Priority));
    }

    [Fact]
    public void Members_wait_for_what_the_group_waits_for_and_its_join_for_them_in_their_order()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(Workflow.Group(new Count("a"), new Count("b"))).Then(counts => new Sum(counts));

        Assert.Equal(
            [
                """2 Count-1 Count{"text":"a","limit":0} after 1 in 4""", """3 Count-2 Count{"text":"b","limit":0} after 1 in 4""",
                "4 group joins after 2,3", "5 Sum Sum{} numbers=4 after 4",
            ],
            workflow.Lines()[1..]);
    }

    [Fact]
    public void A_group_of_one_gives_a_list_of_one()
    {
        var plan = Workflow.Group(new Count("a")).Then(counts => new Sum(counts)).Plan();

        Assert.Equal(["2 group joins after 1", "3 Sum Sum{} numbers=2 after 2"], plan.Lines()[1..]);
        Assert.Null(plan.Nodes[2].ResultOf);
    }

    [Fact]
    public void A_group_of_none_gives_an_empty_list_once_what_is_before_it_has_ended()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(Workflow.Group(Array.Empty<Count>())).Then(counts => new Sum(counts));

        Assert.Equal(["2 group joins nothing after 1", "3 Sum Sum{} numbers=2 after 2"], workflow.Lines()[1..]);
    }

    [Fact]
    public void A_group_of_none_alone_is_a_workflow()
    {
        Assert.Equal(["1 group joins nothing after 0"], Workflow.Group(Array.Empty<Count>()).Lines());
    }

    [Fact]
    public void A_nested_group_keeps_its_order_and_gives_a_list_in_a_list()
    {
        Workflow<IReadOnlyList<IReadOnlyList<int>>> workflow = Workflow.Group(Workflow.Group(new Count("a"), new Count("b")), Workflow.Group(new Count("c")));

        Assert.Equal(
            [
                """1 Count-1 Count{"text":"a","limit":0} after 0 in 3,6""", """2 Count-2 Count{"text":"b","limit":0} after 0 in 3,6""", "3 group-1 joins after 1,2 in 6",
                """4 Count-3 Count{"text":"c","limit":0} after 0 in 5,6""", "5 group-2 joins after 4 in 6", "6 group-3 joins after 3,5",
            ],
            workflow.Lines());
    }

    [Fact]
    public void A_chord_is_a_group_and_then_a_callback()
    {
        var chord = Workflow.Chord([new Count("a"), new Count("b")], counts => new Sum(counts));

        Assert.Equal(Workflow.Group(new Count("a"), new Count("b")).Then(counts => new Sum(counts)).Lines(), chord.Lines());
    }

    [Fact]
    public void A_chord_of_none_calls_back_with_an_empty_list()
    {
        var chord = Workflow.Chord(Array.Empty<Count>(), counts => new Sum(counts));

        Assert.Equal(["1 group joins nothing after 0", "2 Sum Sum{} numbers=1 after 1"], chord.Lines());
    }

    [Fact]
    public void A_chain_is_a_member_by_its_last_step()
    {
        var workflow = Workflow.Group(Workflow.Chain(new Fetch("a")).Then(page => new Count(page.Text, 1)), new Count("b").ToCall());

        Assert.Equal("4 group joins after 2,3", workflow.Lines()[^1]);
    }

    [Fact]
    public void A_chord_is_a_member_by_its_callback()
    {
        var workflow = Workflow.Group(Workflow.Chord([new Count("a"), new Count("b")], counts => new Sum(counts)), new Count("c").ToCall());

        Assert.Equal(["3 group-1 joins after 1,2 in 6", "4 Sum Sum{} numbers=3 after 3 in 6", """5 Count-3 Count{"text":"c","limit":0} after 0 in 6""", "6 group-2 joins after 4,5"], workflow.Lines()[2..]);
    }

    [Fact]
    public void Members_of_different_kinds_give_a_list_of_JSON()
    {
        Workflow<IReadOnlyList<JsonElement>> workflow = Workflow.Group(new Count("a"), new Notify("b"));

        Assert.Equal("3 group joins after 1,2", workflow.Lines()[^1]);
    }

    [Fact]
    public void Each_call_of_a_group_after_a_step_takes_the_same_result()
    {
        var workflow = Workflow.Chain(new Fetch("a")).ThenGroup(page => new Count(page.Text, 1), page => new Count(page.Author.Name, 2)).Then(counts => new Sum(counts));

        Assert.Equal(
            ["""2 Count-1 Count{"limit":1} text=1.text after 1 in 4""", """3 Count-2 Count{"limit":2} text=1.author.name after 1 in 4""", "4 group joins after 2,3", "5 Sum Sum{} numbers=4 after 4"],
            workflow.Lines()[1..]);
    }

    [Theory]
    [InlineData(FailurePolicy.WaitForAll)]
    [InlineData(FailurePolicy.FailFast)]
    [InlineData(FailurePolicy.Continue)]
    public void The_join_of_a_group_knows_what_follows_from_a_failure(FailurePolicy policy)
    {
        var group = Workflow.Group(new Count("a"));

        Assert.Equal(policy, group.WithFailurePolicy(policy).Plan().Nodes[2].Policy);
        Assert.Equal(policy, (group with { FailurePolicy = policy }).Plan().Nodes[2].Policy);
    }

    [Fact]
    public void A_staggered_group_delays_each_member_longer_than_the_one_before_on_top_of_its_own_delay()
    {
        var instant = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var workflow = Workflow.Group(
            new Count("a").ToCall(),
            new Count("b").ToCall() with { Options = new RunOptions { Delay = TimeSpan.FromMinutes(1) } },
            new Count("c").ToCall() with { Options = new RunOptions { NotBefore = instant } })
            .Staggered(start: TimeSpan.FromSeconds(1), step: TimeSpan.FromSeconds(10));

        var options = workflow.Plan().Nodes.Skip(1).Take(3).Select(node => (node.Call!.Options!.Delay, node.Call.Options.NotBefore));

        Assert.Equal([(TimeSpan.FromSeconds(1), null), (TimeSpan.FromSeconds(71), null), (null, instant.AddSeconds(21))], options);
    }

    [Fact]
    public void Only_calls_can_be_staggered()
    {
        var group = Workflow.Group(new Count("a").ToCall(), Workflow.Chain(new Fetch("a")).Then(page => new Count(page.Text, 1)));

        var error = Assert.Throws<InvalidWorkflowException>(() => group.Staggered(TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        var negative = Assert.Throws<InvalidWorkflowException>(() => group.Staggered(TimeSpan.Zero, TimeSpan.FromSeconds(-1)));

        Assert.Equal("A group is staggered, but its member 2, 'chain of 2', is no call whose run could be delayed. Let it begin with Wait.", error.Message);
        Assert.Equal("A group is staggered from 00:00:00 by -00:00:01. Give 0 or more.", negative.Message);
    }

    [Fact]
    public void An_empty_chain_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Chain([]));

        Assert.Equal("A chain is given no steps. Give it at least one.", error.Message);
    }
}
