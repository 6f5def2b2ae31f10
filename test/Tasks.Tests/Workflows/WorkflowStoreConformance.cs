using System.Text;

using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>What every <see cref="IWorkflowStore"/> must do. What is added to workflows that run is in a file of its own.</summary>
public abstract partial class WorkflowStoreConformance : IAsyncLifetime
{
    private static readonly NodeEnd Success = new(TaskState.Succeeded);
    private static readonly NodeEnd Failure = new(TaskState.Failed, Failure: Bytes("why"));

    private readonly Guid _workflow = Guid.CreateVersion7();

    protected IWorkflowStore Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await Start();

    public abstract Task DisposeAsync();

    protected abstract Task<IWorkflowStore> Start();

    /// <summary>Whether the nodes of a workflow are still there after some time, which may have passed when this returns.</summary>
    protected abstract Task<bool> IsKept(Guid workflowId, TimeSpan time);

    [Fact]
    public async Task A_node_is_read_as_it_was_written()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1, waits: 1));

        var nodes = await Store.Read(_workflow, [1, 0, 7]);

        Assert.Equal([(1, "definition 1", 0, false), (0, "definition 0", 0, false)], nodes.Select(node => (node.Node, Text(node.Definition), node.Failures, node.End is not null)));
        Assert.All(nodes, node => Assert.Null(node.Given));
        Assert.Equal(new NodeCount(2, 0), await Store.Count(_workflow));
        Assert.Equal([0], await Store.ListOpen(_workflow, -1, 10));
    }

    [Fact]
    public async Task What_is_submitted_again_changes_nothing_of_what_has_happened_and_adds_what_was_not_written_yet()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1, waits: 1));
        await Store.End(_workflow, 0, Success);

        await Write(Node(0, before: [1], isOpen: true), Node(1, waits: 1), Node(2, waits: 1));

        Assert.Equal(new NodeCount(3, 1), await Store.Count(_workflow));
        Assert.Equal([1], await Store.ListOpen(_workflow, -1, 10));
        Assert.Equal("definition 2", Text((await Store.Read(_workflow, [2])).Single().Definition));
    }

    [Fact]
    public async Task A_node_opens_when_all_that_it_waits_for_has_ended()
    {
        await Write(Node(0, before: [2], isOpen: true), Node(1, before: [2], isOpen: true), Node(2, waits: 2));

        var first = await Store.End(_workflow, 0, Success);
        var second = await Store.End(_workflow, 1, Failure);

        Assert.Equal((true, TaskState.Succeeded, false, 0), (first!.IsFirst, first.State, first.IsMore, first.Open.Count));
        Assert.Equal((2, 0, 1, "definition 2"), second!.Open.Select(open => (open.Node, open.Waits, open.Failures, Text(open.Definition))).Single());
        Assert.Equal([2], await Store.ListOpen(_workflow, -1, 10));
        Assert.Equal(new NodeCount(3, 2), await Store.Count(_workflow));
    }

    [Fact]
    public async Task An_end_is_kept_with_its_result_or_its_failure()
    {
        await Write(Node(0, isOpen: true), Node(1, isOpen: true), Node(2, isOpen: true));

        await Store.End(_workflow, 0, new NodeEnd(TaskState.Succeeded, Bytes("result")));
        await Store.End(_workflow, 1, Failure);
        await Store.End(_workflow, 2, Success);

        var ends = (await Store.Read(_workflow, [0, 1, 2])).Select(node => (node.End!.State, Text(node.End.Result), Text(node.End.Failure)));
        Assert.Equal([(TaskState.Succeeded, "result", null), (TaskState.Failed, null, "why"), (TaskState.Succeeded, null, null)], ends);
    }

    [Fact]
    public async Task A_node_ends_once_and_counts_once_however_often_it_is_said()
    {
        await Write(Node(0, before: [2], isOpen: true), Node(1, before: [2], isOpen: true), Node(2, waits: 2));

        await Store.End(_workflow, 0, Success);
        var again = await Store.End(_workflow, 0, Failure);
        var last = await Store.End(_workflow, 1, Success);

        Assert.Equal((false, TaskState.Succeeded, 0), (again!.IsFirst, again.State, again.Open.Count));
        Assert.Equal((2, 0), last!.Open.Select(open => (open.Node, open.Failures)).Single());
    }

    [Fact]
    public async Task Who_says_again_that_a_node_has_ended_hears_what_is_still_open_after_it()
    {
        await Write(Node(0, before: [1, 2], isOpen: true), Node(1), Node(2));
        await Store.End(_workflow, 0, Success);
        await Store.End(_workflow, 1, Success);

        var again = await Store.End(_workflow, 0, Success);

        Assert.Equal([2], again!.Open.Select(open => open.Node));
    }

    [Fact]
    public async Task A_hasty_node_opens_with_the_first_failure_before_it()
    {
        await Write(Node(0, before: [2], isOpen: true), Node(1, before: [2], isOpen: true), Node(2, waits: 2) with { IsHasty = true });

        var first = await Store.End(_workflow, 0, Failure);
        await Store.End(_workflow, 2, Failure);
        var second = await Store.End(_workflow, 1, Success);

        Assert.Equal((2, 1, 1), first!.Open.Select(open => (open.Node, open.Waits, open.Failures)).Single());
        Assert.Empty(second!.Open);
    }

    [Fact]
    public async Task A_node_for_which_very_many_wait_is_counted_in_parts()
    {
        var many = Enumerable.Range(1, 1_200).ToArray();
        await Write([Node(0, before: many, isOpen: true), .. many.Select(node => Node(node))]);

        var opened = new List<int>();
        var calls = 0;
        NodeEnding? ending;
        do
        {
            ending = await Store.End(_workflow, 0, Success);
            opened.AddRange(ending!.Open.Select(open => open.Node));
            calls++;
        }
        while (ending.IsMore);

        Assert.True(calls > 1);
        Assert.Equal(many, opened.Order());
        Assert.Equal(1_200, (await Store.ListOpen(_workflow, -1, 2_000)).Count);
        Assert.Equal([4, 5], await Store.ListOpen(_workflow, 3, 2));
    }

    [Fact]
    public async Task A_node_that_is_written_anew_has_not_ended()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1, waits: 1));
        await Store.Give(_workflow, 0, Bytes("given"));
        await Store.End(_workflow, 0, Failure);

        await Write(new NodeWrite(0, Bytes("anew"), Waits: 0, Before: null, IsOpen: true), new NodeWrite(1, Definition: null, Waits: 1, Before: null));
        var nodes = await Store.Read(_workflow, [0, 1]);
        var ending = await Store.End(_workflow, 0, Success);

        Assert.Equal(("anew", null, null), (Text(nodes[0].Definition), nodes[0].End, nodes[0].Given));
        Assert.Equal("definition 1", Text(nodes[1].Definition));
        Assert.Equal((true, 1, 0), (ending!.IsFirst, ending.Open.Single().Node, ending.Open.Single().Failures));
        Assert.Equal(new NodeCount(2, 1), await Store.Count(_workflow));
    }

    [Fact]
    public async Task A_node_is_given_one_thing_until_it_has_ended()
    {
        await Write(Node(0, isOpen: true), Node(1));
        await Store.End(_workflow, 0, Success);

        var answers = new[]
        {
            await Store.Give(_workflow, 0, Bytes("late")), await Store.Give(_workflow, 1, Bytes("first")), await Store.Give(_workflow, 1, Bytes("second")), await Store.Give(_workflow, 9, Bytes("nobody")),
        };

        Assert.Equal([false, true, false, false], answers);
        Assert.Equal("first", Text((await Store.Read(_workflow, [1]))[0].Given));
    }

    [Fact]
    public async Task When_a_node_is_due_is_said_once()
    {
        await Write(Node(0, isOpen: true));
        var at = DateTimeOffset.UnixEpoch.AddYears(60);

        var first = await Store.SetDue(_workflow, 0, at);
        var second = await Store.SetDue(_workflow, 0, at.AddHours(1));

        Assert.Equal((at, at), (first, second));
    }

    [Fact]
    public async Task Nothing_is_known_of_a_workflow_that_was_not_written()
    {
        Assert.Null(await Store.End(_workflow, 0, Success));
        Assert.Null(await Store.Reserve(_workflow, "one", 1));
        Assert.Empty(await Store.Read(_workflow, [0]));
        Assert.Empty(await Store.ListOpen(_workflow, -1, 10));
        Assert.Equal(new NodeCount(0, 0), await Store.Count(_workflow));
        Assert.Null(await Store.Add(_workflow, "one", 0, 1, 2, 2));
    }

    [Fact]
    public async Task A_watcher_hears_of_each_node_that_ends()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1));
        var heard = System.Threading.Channels.Channel.CreateUnbounded<int>();

        await using (await Store.Watch(_workflow, node => heard.Writer.TryWrite(node)))
        {
            await Store.End(_workflow, 0, Success);
            await Store.End(_workflow, 0, Success);
            await Store.End(_workflow, 1, Success);

            var (first, second) = (await heard.Reader.ReadAsync(), await heard.Reader.ReadAsync());
            Assert.Equal((0, 1), (first, second));
        }
    }

    [Fact]
    public async Task Nodes_of_which_nobody_says_how_long_to_keep_them_are_forgotten_after_a_while()
    {
        await Write(Node(0, before: [1], isOpen: true), Node(1));
        await Store.End(_workflow, 0, Success);
        await Write(Node(2, isOpen: true));

        Assert.True(await IsKept(_workflow, IWorkflowStore.LifetimeUntilKept - TimeSpan.FromMinutes(1)));
        Assert.False(await IsKept(_workflow, IWorkflowStore.LifetimeUntilKept + TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Nodes_are_kept_for_good_or_for_as_long_as_somebody_says()
    {
        await Write(Node(0, isOpen: true));

        await Store.Keep(_workflow, lifetime: null);
        var forGood = await IsKept(_workflow, TimeSpan.FromDays(100));
        await Store.Keep(_workflow, TimeSpan.FromDays(1));
        var forADay = (await IsKept(_workflow, TimeSpan.FromHours(23)), await IsKept(_workflow, TimeSpan.FromHours(25)));

        Assert.True(forGood);
        Assert.Equal((true, false), forADay);
    }

    private static NodeWrite Node(int node, int waits = 1, int[]? before = null, bool isOpen = false) => new(node, Bytes($"definition {node}"), waits, NodeRanges.Of(before ?? []), isOpen);

    private ValueTask Write(params NodeWrite[] nodes) => Store.Write(_workflow, nodes);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } text ? Encoding.UTF8.GetString(text.Span) : null;
}
