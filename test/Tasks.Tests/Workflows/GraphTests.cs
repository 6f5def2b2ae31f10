using System.Text.Json;

namespace TasksBus.Tests.Workflows;

/// <summary>Steps that wait for each other by name.</summary>
public sealed class GraphTests
{
    private static readonly WorkflowStep Left = Workflow.Step("left", new Fetch("a"));
    private static readonly WorkflowStep Right = Workflow.Step("right", new Fetch("b"));

    [Fact]
    public void A_step_takes_the_results_of_those_that_its_parameters_name()
    {
        var workflow = Workflow.Graph(Left, Right, Workflow.Step("both", (Page left, Page right) => new Merge(left.Text, right.Author.Name))).Returns<string>("both").Then(text => new Notify(text));

        var plan = workflow.Plan();

        Assert.Equal(
            [
                """1 left Fetch{"url":"a"} after 0 in 4""", """2 right Fetch{"url":"b"} after 0 in 4""", "3 both Merge{} left=1.text right=2.author.name after 1,2 in 4", "4 graph joins after 3",
                "5 Notify Notify{} text=4 after 4",
            ],
            plan.Lines());
        Assert.Equal(3, plan.Nodes[4].ResultOf);
    }

    [Fact]
    public void A_step_waits_for_others_of_which_it_takes_nothing()
    {
        var workflow = Workflow.Graph(Left, Right, Workflow.Step("tell", new Notify("x"), after: ["left", "right"]), Workflow.Step("count", (Page left) => new Count(left.Text, 1), after: ["tell"]));

        Assert.Equal(
            ["""3 tell Notify{"text":"x"} after 1,2 in 5""", """4 count Count{"limit":1} text=1.text after 1,3 in 5""", "5 graph joins after 4"],
            workflow.Lines()[2..]);
    }

    [Fact]
    public void Steps_may_be_named_before_they_are_given()
    {
        var workflow = Workflow.Graph(Workflow.Step("count", (Page left) => new Count(left.Text, 1)), Left);

        Assert.Equal(["""1 left Fetch{"url":"a"} after 0 in 3""", """2 count Count{"limit":1} text=1.text after 1 in 3""", "3 graph joins after 2"], workflow.Lines());
    }

    [Fact]
    public void The_join_waits_for_the_steps_for_which_no_other_waits()
    {
        var workflow = Workflow.Graph(Left, Right, Workflow.Step("count", (Page left) => new Count(left.Text, 1))).WithFailurePolicy(FailurePolicy.FailFast);

        var plan = workflow.Plan();

        Assert.Equal("4 graph joins after 2,3", plan.Lines()[^1]);
        Assert.Equal((FailurePolicy.FailFast, null), (plan.Nodes[4].Policy, plan.Nodes[4].ResultOf));
    }

    [Fact]
    public void What_a_graph_does_on_failures_is_said_before_or_after_what_it_returns()
    {
        var graph = Workflow.Graph(Left, Workflow.Step("count", (Page left) => new Count(left.Text, 1)));

        var plans = new[] { graph.WithFailurePolicy(FailurePolicy.Continue).Returns<int>("count"), graph.Returns<int>("count").WithFailurePolicy(FailurePolicy.Continue) }.Select(one => one.Plan());

        Assert.All(plans, plan => Assert.Equal((FailurePolicy.Continue, 2, "0"), (plan.Nodes[^1].Policy, plan.Nodes[^1].ResultOf, plan.Nodes[^1].Absent?.ToString())));
    }

    [Fact]
    public void A_step_may_be_any_workflow()
    {
        var workflow = Workflow.Graph(
            Workflow.Step("counts", Workflow.Group(new Count("a"), new Count("b"))),
            Workflow.Step("text", Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en"))),
            Workflow.Step("sum", (IReadOnlyList<int> counts) => new Sum(counts), after: ["text"]));

        Assert.Equal(
            [
                """1 counts/Count-1 Count{"text":"a","limit":0} after 0 in 3,7""", """2 counts/Count-2 Count{"text":"b","limit":0} after 0 in 3,7""", "3 counts joins after 1,2 in 7",
                """4 text/Fetch Fetch{"url":"a"} after 0 in 7""", """5 text/Extract Extract{"language":"en"} page=4 after 4 in 7""", "6 sum Sum{} numbers=3 after 3,5 in 7", "7 graph joins after 6",
            ],
            workflow.Lines());
    }

    [Fact]
    public void A_circle_is_refused_with_the_names_of_its_steps()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph(
            Left, Workflow.Step("a", new Notify("a"), ["left", "c"]), Workflow.Step("b", new Notify("b"), ["a"]), Workflow.Step("c", new Notify("c"), ["b"])));

        Assert.Equal("The steps of the graph wait for each other in a circle: 'a' waits for 'c' waits for 'b' waits for 'a'. Let one of them begin first.", error.Message);
    }

    [Fact]
    public void A_step_that_waits_for_itself_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph(Workflow.Step("a", new Notify("a"), ["a"])));

        Assert.StartsWith("The steps of the graph wait for each other in a circle: 'a' waits for 'a'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_steps_of_one_name_are_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph(Left, Right, Left));

        Assert.Equal("Steps 1 and 3 of the graph are both called 'left'. Give each a name of its own.", error.Message);
    }

    [Fact]
    public void A_step_that_waits_for_an_unknown_one_is_refused_with_the_near_miss()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph(Left, Right, Workflow.Step("count", (Page lef) => new Count(lef.Text, 1))));

        Assert.Equal("Step 'count' waits for 'lef', but the graph has no such step. Did you mean 'left'? Its steps: 'left', 'right', 'count'.", error.Message);
    }

    [Fact]
    public void A_step_that_takes_another_type_than_it_gets_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph(Left, Workflow.Step("count", (string left) => new Count(left, 1))));

        Assert.Equal("Step 'count' takes the result of 'left', which gives Page, but String is taken. Take Page.", error.Message);
    }

    [Fact]
    public void A_step_that_takes_a_result_where_there_is_none_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph(Workflow.Step("tell", new Notify("a")), Workflow.Step("count", (string tell) => new Count(tell, 1))));

        Assert.Equal("Step 'count' takes the result of 'tell', which gives no result, but String is taken. Wait for it alone, by 'after'.", error.Message);
    }

    [Fact]
    public void What_a_task_known_by_its_name_gives_is_taken_as_it_is_declared()
    {
        var workflow = Workflow.Graph(Workflow.Step("old", TaskCall.Of("legacy.fetch", new { url = "a" })), Workflow.Step("count", (Page old) => new Count(old.Text, 1)));

        Assert.Equal("""1 old fetch{"url":"a"} after 0 in 3""", workflow.Lines()[0]);
    }

    [Fact]
    public void The_result_must_be_that_of_a_step_and_of_its_type()
    {
        var graph = Workflow.Graph(Left);

        var unknown = Assert.Throws<InvalidWorkflowException>(() => graph.Returns<Page>("letf"));
        var other = Assert.Throws<InvalidWorkflowException>(() => graph.Returns<JsonElement>("left"));

        Assert.Equal("The result of the graph is that of 'letf', but the graph has no such step. Did you mean 'left'? Its steps: 'left'.", unknown.Message);
        Assert.Equal("The result of the graph is that of 'left', which gives Page, but JsonElement is taken. Take Page.", other.Message);
    }

    [Fact]
    public void A_graph_of_none_is_refused()
    {
        Assert.Equal("A graph is given no steps. Give it at least one.", Assert.Throws<InvalidWorkflowException>(() => Workflow.Graph()).Message);
    }

    [Fact]
    public void A_lambda_that_gives_no_task_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Step("text", (Page left) => left.Text));

        Assert.Contains("gives String, which is not the arguments of a task. Construct a class that implements ITask.", error.Message, StringComparison.Ordinal);
    }
}
