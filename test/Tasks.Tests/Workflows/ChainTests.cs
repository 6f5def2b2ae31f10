namespace TasksBus.Tests.Workflows;

/// <summary>One step after the other.</summary>
public sealed class ChainTests
{
    [Fact]
    public void A_step_takes_the_whole_result_before_it_and_what_does_not_depend_on_it()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en"));

        Assert.Equal(["""1 Fetch Fetch{"url":"a"} after 0""", """2 Extract Extract{"language":"en"} page=1 after 1"""], workflow.Lines());
    }

    [Fact]
    public void A_step_takes_properties_of_the_result_before_it_also_of_properties()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(page => new Merge(page.Text, page.Author.Name));

        Assert.Equal("2 Merge Merge{} left=1.text right=1.author.name after 1", workflow.Lines()[1]);
    }

    [Fact]
    public void A_step_after_a_group_takes_its_list()
    {
        var workflow = Workflow.Group(new Count("a"), new Count("b")).Then(counts => new Sum(counts));

        Assert.Equal(
            ["""1 Count-1 Count{"text":"a","limit":0} after 0 in 3""", """2 Count-2 Count{"text":"b","limit":0} after 0 in 3""", "3 group joins after 1,2", "4 Sum Sum{} numbers=3 after 3"],
            workflow.Lines());
    }

    [Fact]
    public void A_fixed_step_takes_nothing_from_the_one_before()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(new Count("b")).Then(new Notify("c"));

        Assert.Equal(["""2 Count Count{"text":"b","limit":0} after 1""", """3 Notify Notify{"text":"c"} after 2"""], workflow.Lines()[1..]);
    }

    [Fact]
    public void A_call_made_elsewhere_takes_the_result_into_a_property()
    {
        var call = TaskCall.Of(new Extract(null!, "en")) with { Name = "text" };

        var workflow = Workflow.Chain(new Fetch("a")).Then(call, into: (Extract next) => next.Page);

        Assert.Equal("""2 text Extract{"page":null,"language":"en"} page=1 after 1""", workflow.Lines()[1]);
    }
}
