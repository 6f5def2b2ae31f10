using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

public abstract partial class WorkflowStoreConformance
{
    [Fact]
    public async Task A_join_waits_for_what_is_added_while_its_member_is_open()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1, waits: 1));
        var number = await Store.Reserve(_workflow, "one", 1);
        await Write(Node(number!.Value.First, before: [1]));

        var added = await Store.Add(_workflow, "one", @while: 0, join: 1, first: 2, last: 2);
        var ending = await Store.End(_workflow, 0, Success);
        var addedLater = await Store.Add(_workflow, "two", @while: 0, join: 1, first: 2, last: 2);
        var last = await Store.End(_workflow, 2, Success);

        Assert.Equal((new NodeReservation(2, IsAdded: false), 2, null), (number, added, addedLater));
        Assert.Empty(ending!.Open);
        Assert.Equal([1], last!.Open.Select(open => open.Node));
        Assert.Equal([2], (await Store.Read(_workflow, [1]))[0].Added);
    }

    [Fact]
    public async Task What_is_added_again_under_its_name_is_what_was_added_first()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1, waits: 1));
        var (first, beside) = (await Store.Reserve(_workflow, "one", 1), await Store.Reserve(_workflow, "one", 2));
        await Write(Node(2, before: [1]), Node(3, before: [1]));
        await Store.Add(_workflow, "one", @while: 0, join: 1, first: 2, last: 2);

        var added = await Store.Add(_workflow, "one", @while: 0, join: 1, first: 3, last: 4);
        var again = await Store.Reserve(_workflow, "one", 3);
        var other = await Store.Reserve(_workflow, "two", 1);

        Assert.Equal((new NodeReservation(2, IsAdded: false), new NodeReservation(3, IsAdded: false)), (first, beside));
        Assert.Equal((2, new NodeReservation(2, IsAdded: true), new NodeReservation(5, IsAdded: false)), (added, again, other));
        Assert.Equal([0, 2], await Store.ListOpen(_workflow, -1, 10));
        Assert.Equal([2], (await Store.Read(_workflow, [1]))[0].Added);
    }
}
