using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TasksBus.Tests.Workflows;

/// <summary>What a lambda that makes the arguments of the next step may say.</summary>
public sealed class CallExpressionTests
{
    private static readonly Workflow<Page> Fetched = Workflow.Chain(new Fetch("a"));

    private static readonly Dictionary<string, Expression<Func<Page, ITask>>> NotProperties = new(StringComparer.Ordinal)
    {
        ["page.Text.Trim()"] = page => new Notify(page.Text.Trim()),
        ["(page.Text + \"!\")"] = page => new Notify(page.Text + "!"),
        ["page.Links.get_Item(0)"] = page => new Notify(page.Links[0]),
        ["page.Text.Length"] = page => new Count("", page.Text.Length),
        ["page.Links.Count"] = page => new Count("", page.Links.Count),
        ["Convert(page.Size, Byte)"] = page => new Flags((byte)page.Size),
        ["new Author(page.Text)"] = page => new Sign(new Author(page.Text)),
    };

    [Fact]
    public void What_does_not_depend_on_the_result_is_evaluated_once_when_it_is_composed()
    {
        var language = "en";
        var workflow = Fetched.Then(page => new Extract(page, language.ToUpperInvariant()));
        language = "de";

        Assert.Equal("""2 Extract Extract{"language":"EN"} page=1 after 1""", workflow.Lines()[1]);
    }

    [Fact]
    public void A_lambda_inside_may_have_parameters_of_its_own()
    {
        string[] words = ["b", "", "a"];

        var workflow = Fetched.Then(page => new Merge(page.Text, string.Concat(words.Where(word => word.Length > 0))));

        Assert.Equal("""2 Merge Merge{"right":"ba"} left=1.text after 1""", workflow.Lines()[1]);
    }

    [Fact]
    public void A_lambda_that_takes_nothing_gives_fixed_arguments()
    {
        var workflow = Fetched.Then(_ => new Notify("done"));

        Assert.Equal("""2 Notify Notify{"text":"done"} after 1""", workflow.Lines()[1]);
    }

    [Fact]
    public void Properties_can_be_set_by_their_names()
    {
        var workflow = Fetched.Then(page => new Index { Title = page.Author.Name, Depth = 3 });

        Assert.Equal("""2 Index Index{"depth":3} title=1.author.name after 1""", workflow.Lines()[1]);
    }

    [Fact]
    public void A_property_that_is_set_twice_has_the_last_value()
    {
        var workflow = Fetched.Then(page => new Index(page.Text) { Title = "x" });

        Assert.Equal("""2 Index Index{"title":"x"} after 1""", workflow.Lines()[1]);
    }

    [Fact]
    public void Values_are_widened_boxed_lifted_and_taken_as_their_bases()
    {
        var workflow = Fetched.Then(page => new Loose(page.Size, page.Size, page.Links, page.Rank!.Value));

        Assert.Equal("2 Loose Loose{} wide=1.size boxed=1.size many=1.links plain=1.rank after 1", workflow.Lines()[1]);
    }

    [Fact]
    public void A_result_that_is_itself_the_arguments_of_a_task_is_run()
    {
        var workflow = Workflow.Chain(new Decide()).Then(next => next);

        Assert.Equal("2 Notify Notify{} all=1 after 1", workflow.Lines()[1]);
    }

    [Fact]
    public void Properties_go_by_their_names_in_JSON()
    {
        var json = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

        var plan = Workflow.Chain(new Measure()).Then(measured => new Store(measured.MeanValue, "a b", DayOfWeek.Friday)).Plan(json);

        Assert.Equal("""2 Store Store{"the_name":"a b","day":"Friday"} first_value=1.mean after 1""", plan.Nodes[2].Line());
    }

    [Fact]
    public void The_next_call_can_be_changed_where_it_is_made()
    {
        var workflow = Fetched.Then(page => new Count(page.Text, 5), call => call with { Name = "words", Options = new RunOptions { Priority = 7 } });

        var node = workflow.Plan().Nodes[2];

        Assert.Equal(("words", 7), (node.Name, node.Call?.Options?.Priority));
    }

    public static TheoryData<string> Expressions => [.. NotProperties.Keys];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void An_argument_taken_by_anything_but_a_property_is_refused_when_it_is_composed(string expression)
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(NotProperties[expression]));

        Assert.StartsWith("Step '", error.Message, StringComparison.Ordinal);
        Assert.Contains($"by '{expression}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("an expression that is not a property. Give the whole result (page), a property of it (page.Name)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_names_the_step_and_the_argument()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(page => new Extract(page, page.Text.Trim())));

        Assert.StartsWith("Step 'Extract': its argument 'Language' is taken from the step before by 'page.Text.Trim()'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lambda_that_does_more_than_construct_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(page => Make(page)));

        Assert.Contains("does not just construct its arguments. Write new Notify(…) or new Notify { … }", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_of_a_constructor_that_no_property_holds_is_refused()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(page => new Hidden(page.Text)));

        Assert.Contains("its constructor takes 'secret', but it has no property of that name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_JSON_leaves_out_is_refused_with_its_step()
    {
        var workflow = Workflow.Chain(new Measure()).Then(measured => new Notify(measured.Secret), call => call.Named("tell"));

        var error = Assert.Throws<InvalidWorkflowException>(() => workflow.Plan());

        Assert.Equal("Step 'tell' takes Measured.Secret, which the JSON of Measured leaves out. Let it be written, or take another.", error.Message);
    }

    [Fact]
    public void A_property_that_cannot_be_read_from_JSON_takes_no_result()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(page => new ReadOnly(page.Text)).Plan());

        Assert.Equal("Step 'ReadOnly' gives ReadOnly.Text, which cannot be read from the JSON of ReadOnly. Let it be set, or be a parameter of the constructor.", error.Message);
    }

    [Fact]
    public void Arguments_that_cannot_be_serialised_are_refused_with_their_step()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Chain(new Fetch("a")).Then(new Unwritable(typeof(int))).Plan());

        Assert.StartsWith($"Step 'Unwritable': the arguments of task '{TaskName.Of(typeof(Unwritable))}' cannot be serialised: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_goes_only_into_a_property_of_the_call_that_is_named()
    {
        var call = TaskCall.Of(new Notify("a"));

        var other = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(call, into: (Extract next) => next.Page));
        var none = Assert.Throws<InvalidWorkflowException>(() => Fetched.Then(call, into: (Extract next) => (object)next));

        Assert.Contains("takes a result into Extract.Page, but its arguments are Notify. Name a property of Notify.", other.Message, StringComparison.Ordinal);
        Assert.Contains("is not a property of the arguments. Name one, as in (Extract next) => next.Page.", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_takes_a_result_cannot_stand_where_there_is_none()
    {
        TaskCall? taker = null;
        _ = Fetched.Then(page => new Notify(page.Text), call => taker = call);

        var error = Assert.Throws<InvalidWorkflowException>(() => taker!.Plan());

        Assert.Equal("Step 'Notify' takes a result, but stands where there is none before it. Let it follow the step that gives the result.", error.Message);
    }

    private static Notify Make(Page page) => new(page.Text);

    private sealed record Loose(double Wide, object Boxed, IEnumerable<string> Many, int Plain) : ITask;

    private sealed record Flags(byte Value) : ITask;

    private sealed record Sign(Author Author) : ITask;

    private sealed record Unwritable(Type Type) : ITask;

    private sealed record Measure : ITask<Measured>;

    private sealed record Measured([property: JsonPropertyName("mean")] double MeanValue, [property: JsonIgnore] string Secret);

    private sealed record Store(
        double FirstValue, [property: JsonPropertyName("the_name")] string Name, [property: JsonConverter(typeof(JsonStringEnumConverter<DayOfWeek>))] DayOfWeek Day) : ITask;

    private sealed class Index : ITask
    {
        public Index()
        {
        }

        public Index(string title) => Title = title;

        public string? Title { get; init; }

        public int Depth { get; init; }
    }

    private sealed class ReadOnly : ITask
    {
        [JsonConstructor]
        public ReadOnly()
        {
        }

        public ReadOnly(string text) => Text = text;

        public string? Text { get; }
    }

    private sealed class Hidden(string secret) : ITask
    {
        public int Length => secret.Length;
    }
}
