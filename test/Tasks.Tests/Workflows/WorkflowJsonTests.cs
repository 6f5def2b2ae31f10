using System.Text.Json;
using System.Text.Json.Nodes;

namespace TasksBus.Tests.Workflows;

/// <summary>Workflows as JSON, in arguments of tasks and in databases.</summary>
public sealed class WorkflowJsonTests
{
    private static readonly JsonSerializerOptions Shouting = new() { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper };

    private static readonly Dictionary<string, Workflow> Workflows = new(StringComparer.Ordinal)
    {
        ["chain"] = Workflow.Chain(new Fetch("a")).Then(page => new Merge(page.Text, page.Author.Name)).Then(new Notify("b")),
        ["group"] = Workflow.Group(new Count("a"), new Count("b")).WithFailurePolicy(FailurePolicy.Continue).Then(counts => new Sum(counts)).Named("all"),
        ["whole arguments"] = Workflow.Chain(new Decide()).Then(next => next),
        ["group of none"] = Workflow.Group(Array.Empty<Count>()),
        ["map"] = Workflow.Map(["a", "b"], text => new Count(text)),
        ["graph"] = Workflow.Graph(
            Workflow.Step("left", new Fetch("a")), Workflow.Step("right", new Fetch("b")),
            Workflow.Step("both", (Page left, Page right) => new Merge(left.Text, right.Text), after: ["audit"]), Workflow.Step("audit", new Notify("c"))).Returns<string>("both"),
        ["graph with a signal"] = Workflow.Graph(Workflow.Step("go", Workflow.WaitForSignal<Author>("go")), Workflow.Step("tell", (Author go) => new Notify(go.Name))),
        ["graph that goes on"] = Workflow.Graph(Workflow.Step("count", new Count("a"))).WithFailurePolicy(FailurePolicy.Continue).Returns<int>("count"),
        ["waits"] = Workflow.Chain(Workflow.WaitForSignal("go", TimeSpan.FromHours(1)), Workflow.Wait(TimeSpan.FromSeconds(1)), Workflow.WaitUntil(DateTimeOffset.UnixEpoch)),
        ["calls beside"] = new Fetch("a").ToCall().CompensatedBy(page => new Notify(page.Text)).OnSuccess(page => new Notify(page.Text)).OnFailure(failure => new Alert(failure.Step, failure.Error)),
    };

    [Fact]
    public void A_result_goes_into_an_argument_that_there_is_also_where_its_name_is_a_text()
    {
        var refused = Assert.Throws<InvalidWorkflowException>(() => Workflow.Chain(new Fetch("a")).Then(TaskCall.Of(new Merge("x", "")), into: "rihgt").Lines());

        Assert.Contains("takes a result into 'rihgt', but Merge has no argument of that name. Did you mean 'right'?", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_is_written_with_its_task_its_arguments_its_options_and_its_name()
    {
        var call = new Count("a", 3).ToCall() with { Name = "words", Options = new RunOptions { Queue = "texts", Delay = TimeSpan.FromSeconds(5) } };

        var json = JsonSerializer.SerializeToNode(call, Payload.DefaultOptions)!;

        Assert.Equal("words", json["name"]?.GetValue<string>());
        Assert.Equal(TaskName.Of(typeof(Count)), json["call"]?["taskName"]?.GetValue<string>());
        Assert.Equal("""{"text":"a","limit":3}""", json["call"]?["arguments"]?.ToJsonString());
        Assert.Equal("texts", json["call"]?["options"]?["queue"]?.GetValue<string>());
    }

    [Fact]
    public void A_call_that_was_read_can_be_sent_without_the_types_of_its_arguments()
    {
        var call = new Count("a", 3).ToCall() with { Name = "words", Options = new RunOptions { Queue = "texts", Headers = new Dictionary<string, string> { ["tenant"] = "acme" } } };

        var read = RoundTrip(call);

        var node = read.Plan().Nodes[1];
        Assert.Equal(call.Lines(), read.Lines());
        Assert.Equal((call.TaskName, "texts", "acme"), (read.TaskName, node.Call!.Options!.Queue, node.Call.Options.Headers!["tenant"]));
    }

    [Fact]
    public void A_call_travels_in_the_arguments_of_a_task()
    {
        var task = new Later(new Notify("a").ToCall(), new Count("b").ToCall().Named("count"), Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en")));

        var read = Payload.From(task).As<Later>()!;

        Assert.IsType<TaskCall>(read.Any);
        Assert.Equal(task.Any.Lines(), read.Any.Lines());
        Assert.Equal(task.Count.Lines(), read.Count.Lines());
        Assert.Equal(task.Text.Lines(), read.Text.Lines());
    }

    [Fact]
    public void A_call_that_was_read_can_be_changed_and_composed()
    {
        var read = RoundTrip(new Fetch("a").ToCall());

        var workflow = Workflow.Chain(read with { Name = "page", Options = new RunOptions { Priority = 2 } }).Then(page => new Count(page.Text, 1)).Then(RoundTrip(TaskCall.Of(new Merge("x", ""))), into: "right");

        Assert.Equal(["""1 page Fetch{"url":"a"} after 0""", """2 Count Count{"limit":1} text=1.text after 1""", """3 Merge Merge{"left":"x","right":""} right=2 after 2"""], workflow.Lines());
    }

    public static TheoryData<string> Shapes => [.. Workflows.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_workflow_that_was_read_has_the_plan_of_the_one_that_was_written(string shape)
    {
        var workflow = Workflows[shape];

        var read = RoundTrip(workflow);

        Assert.Equal(workflow.Name, read.Name);
        Assert.Equal(Payload.From(workflow.Plan()).ToString(), Payload.From(read.Plan()).ToString());
    }

    [Fact]
    public void Workflows_with_results_are_read_as_what_they_were_written_as()
    {
        Assert.Equal(FailurePolicy.FailFast, RoundTrip(Workflow.Group(new Count("a")).WithFailurePolicy(FailurePolicy.FailFast)).FailurePolicy);
        Assert.Equal(FailurePolicy.Continue, RoundTrip(Workflow.Graph(Workflow.Step("a", new Count("a"))).Returns<int>("a").WithFailurePolicy(FailurePolicy.Continue)).FailurePolicy);
        Assert.Single(RoundTrip(Workflow.Graph(Workflow.Step("a", new Count("a")))).Returns<int>("a").Plan().Nodes, node => node.ResultOf == 1);
        Assert.IsType<TaskCall<int>>(RoundTrip<Workflow<int>>(new Count("a").ToCall()));
    }

    [Theory]
    [InlineData("{}", "holds none of call, chain, group, graph, signal and wait")]
    [InlineData("""{"chain":[]}""", "a chain at least one step")]
    [InlineData("""{"graph":[{"work":{"name":"a","wait":{"time":"00:00:01"}},"after":["b"],"sources":[]}]}""", "Step 'a' waits for 'b', but the graph has no such step.")]
    [InlineData("""{"wait":{}}""", "holds none of call, chain, group, graph, signal and wait")]
    [InlineData("""{"wait":{"time":"-00:00:01"}}""", "A step waits for -00:00:01, which is below 0.")]
    [InlineData("""{"call":{"arguments":{}}}""", "taskName")]
    [InlineData("""{"group":[],"onFailure":[{"group":[]}]}""", "OnFailure of 'group of 0' is given 'group of 0', which is more than one call.")]
    [InlineData("""{"group":[],"name":""}""", "A name has 0 characters")]
    public void JSON_of_no_workflow_is_refused(string json, string error)
    {
        Assert.Contains(error, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Workflow>(json, Payload.DefaultOptions)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_of_another_kind_is_refused()
    {
        var json = JsonSerializer.Serialize(Workflow.Chain(new Fetch("a")).Then(new Notify("b")), Payload.DefaultOptions);

        var error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TaskCall>(json, Payload.DefaultOptions));

        Assert.Contains("The JSON is that of a chain of 2, which is no TaskCall. Read it as Workflow.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Property_names_are_those_of_the_options_with_which_it_was_written()
    {
        var json = JsonSerializer.SerializeToNode<Workflow>(
            Workflow.Chain(new Fetch("a")).Then(page => new Merge(page.Text, "x")), Shouting)!;

        var call = json["chain"]![1]!["call"]!;
        Assert.Equal("""{"RIGHT":"x"}""", call["arguments"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"from":0,"path":["TEXT"],"into":"LEFT"}]"""), call["inputs"]));
    }

    private static TWorkflow RoundTrip<TWorkflow>(TWorkflow workflow)
        where TWorkflow : Workflow =>
        JsonSerializer.Deserialize<TWorkflow>(JsonSerializer.Serialize(workflow, Payload.DefaultOptions), Payload.DefaultOptions)!;

    private sealed record Later(Workflow Any, TaskCall<int> Count, Workflow<string> Text) : ITask;
}
