namespace TasksBus.Tests.Workflows;

/// <summary>One run for many items.</summary>
public sealed class MapTests
{
    [Fact]
    public void A_map_is_one_run_with_the_list_of_all_arguments()
    {
        var workflow = Workflow.Map(["a", "b"], text => new Count(text, 9), new RunOptions { Priority = 3 }).Then(counts => new Sum(counts));

        var call = workflow.Plan().Nodes[1].Call!;

        Assert.True(call.IsMany);
        Assert.Equal(3, call.Options?.Priority);
        Assert.Equal(["""1 Count Count[{"text":"a","limit":9},{"text":"b","limit":9}] after 0""", "2 Sum Sum{} numbers=1 after 1"], workflow.Lines());
    }

    [Fact]
    public void A_star_map_takes_items_of_several_values()
    {
        Assert.Equal(["""1 Count Count[{"text":"a","limit":1},{"text":"b","limit":2}] after 0"""], Workflow.StarMap([("a", 1), ("b", 2)], (text, limit) => new Count(text, limit)).Lines());
        Assert.Equal(["""1 Merge Merge[{"left":"a","right":"bc"}] after 0"""], Workflow.StarMap([("a", "b", "c")], (left, right, end) => new Merge(left, right + end)).Lines());
    }

    [Fact]
    public void A_map_of_none_gives_an_empty_list_without_a_run()
    {
        Assert.Equal(["1 group joins nothing after 0"], Workflow.Map(Array.Empty<string>(), text => new Count(text)).Lines());
    }

    [Fact]
    public void Chunks_are_a_group_of_maps_the_last_of_which_may_be_shorter()
    {
        Workflow<IReadOnlyList<IReadOnlyList<int>>> workflow = Workflow.Chunks(["a", "b", "c"], 2, text => new Count(text));

        Assert.Equal(
            [
                """1 Count-1 Count[{"text":"a","limit":0},{"text":"b","limit":0}] after 0 in 3""", """2 Count-2 Count[{"text":"c","limit":0}] after 0 in 3""", "3 group joins after 1,2",
            ],
            workflow.Lines());
    }

    [Fact]
    public void Chunks_can_be_staggered()
    {
        var workflow = Workflow.Chunks(["a", "b"], 1, text => new Count(text)).Staggered(TimeSpan.Zero, TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.FromSeconds(5), workflow.Plan().Nodes[2].Call?.Options?.Delay);
    }

    [Fact]
    public void A_map_is_of_one_task_and_chunks_of_one_item_or_more()
    {
        var mixed = Assert.Throws<InvalidWorkflowException>(() => Workflow.Map([1, 2], ITask<int> (number) => number == 1 ? new Count("a") : new Sum([])));
        var empty = Assert.Throws<InvalidWorkflowException>(() => Workflow.Chunks(["a"], 0, text => new Count(text)));

        Assert.StartsWith("A map makes both Count and Sum of its items, but it is one run of one task.", mixed.Message, StringComparison.Ordinal);
        Assert.Equal("Items are split into chunks of 0. Give 1 or more.", empty.Message);
    }
}
