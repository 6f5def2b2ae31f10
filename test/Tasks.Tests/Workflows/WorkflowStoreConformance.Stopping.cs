using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <content>What is not to begin any more, and what begins anew.</content>
public abstract partial class WorkflowStoreConformance
{
    [Fact]
    public async Task What_opens_in_a_workflow_that_is_stopped_is_shown_as_stopped_until_it_is_no_longer()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1, before: [2]), Node(2));

        await Store.SetStopped(_workflow, isStopped: true);
        var first = await Store.End(_workflow, 0, Success);
        var stopped = await Store.Read(_workflow, [1, 2]);
        await Store.SetStopped(_workflow, isStopped: false);
        var second = await Store.End(_workflow, 1, Success);

        Assert.Equal((1, true), first!.Open.Select(open => (open.Node, open.IsStopped)).Single());
        Assert.All(stopped, node => Assert.True(node.IsStopped));
        Assert.Equal((2, false), second!.Open.Select(open => (open.Node, open.IsStopped)).Single());
        Assert.False((await Store.Read(_workflow, [2])).Single().IsStopped);
    }

    [Fact]
    public async Task A_node_stops_with_the_end_of_another_until_that_is_written_anew()
    {
        await Write(
            Node(0, before: [1], isOpen: true), Node(1) with { StopsWith = NodeRanges.Of([3, 4]) }, Node(2, isOpen: true), Node(3, isOpen: true), Node(4, isOpen: true));

        await Store.End(_workflow, 4, Failure);
        var ending = await Store.End(_workflow, 0, Success);
        var others = await Store.Read(_workflow, [1, 2]);
        await Write(new NodeWrite(1, Definition: null, Waits: 1, Before: null), new NodeWrite(4, Definition: null, Waits: 1, Before: null, IsOpen: true));
        var anew = await Store.Read(_workflow, [1]);
        await Store.End(_workflow, 3, Success);

        Assert.True(ending!.Open.Single().IsStopped);
        Assert.Equal([true, false], others.Select(node => node.IsStopped));
        Assert.False(anew.Single().IsStopped);
        Assert.True((await Store.Read(_workflow, [1])).Single().IsStopped);
    }

    [Fact]
    public async Task A_workflow_of_which_nothing_is_known_is_not_stopped()
    {
        await Store.SetStopped(_workflow, isStopped: true);
        await Write(Node(0, isOpen: true));

        Assert.False((await Store.Read(_workflow, [0])).Single().IsStopped);
    }

    [Fact]
    public async Task A_node_that_is_written_anew_keeps_what_it_was_given_if_it_is_to()
    {
        await Write(Node(0), Node(1));
        await Store.Give(_workflow, 0, Bytes("kept"));
        await Store.Give(_workflow, 1, Bytes("lost"));

        await Write(new NodeWrite(0, Definition: null, Waits: 1, Before: null, KeepsGiven: true), new NodeWrite(1, Definition: null, Waits: 1, Before: null));

        Assert.Equal(["kept", null], (await Store.Read(_workflow, [0, 1])).Select(node => Text(node.Given)));
    }
}
