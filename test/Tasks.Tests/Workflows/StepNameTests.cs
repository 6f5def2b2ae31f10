namespace TasksBus.Tests.Workflows;

/// <summary>What the steps of a workflow are called.</summary>
public sealed class StepNameTests
{
    [Fact]
    public void A_step_is_called_after_its_task_with_a_number_if_there_are_several()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(new Notify("b")).Then(new Notify("c")).Then(TaskCall.Of("legacy.mail", null)).Then(TaskCall.Of(new Wrapped<Fetch>(new Fetch("x"))));

        Assert.Equal(["start", "Fetch", "Notify-1", "Notify-2", "mail", "Wrapped"], Names(workflow));
    }

    [Fact]
    public void A_name_that_was_given_is_left_to_its_step()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(new Notify("b")).Then(new Notify("c")).Then(TaskCall.Of(new Count("d")).Named("Notify-1")).Then(TaskCall.Of(new Count("e")) with { Name = "Fetch" });

        Assert.Equal(["start", "Fetch-1", "Notify-2", "Notify-3", "Notify-1", "Fetch"], Names(workflow));
    }

    [Fact]
    public void The_name_of_a_part_stands_before_the_names_of_its_steps()
    {
        var import = Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en")).Named("import");

        var workflow = Workflow.Chain(import, Workflow.Group(new Count("a"), new Count("b")).Named("counts"), new Fetch("b").ToCall());

        Assert.Equal(["start", "import/Fetch", "import/Extract", "counts/Count-1", "counts/Count-2", "counts", "Fetch"], Names(workflow));
    }

    [Fact]
    public void The_name_of_the_whole_stands_before_nothing()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en")).Named("import");

        Assert.Equal(["start", "Fetch", "Extract"], Names(workflow));
        Assert.Equal("import", workflow.Name);
    }

    [Fact]
    public void A_name_given_twice_is_refused_with_both_places()
    {
        var twice = new Notify("a").ToCall().Named("tell");
        var workflow = Workflow.Chain(new Fetch("a").ToCall(), twice, Workflow.Group(new Count("b").ToCall().OnFailure(twice), new Count("c").ToCall()));

        var error = Assert.Throws<InvalidWorkflowException>(() => workflow.Plan());

        Assert.Equal("The name 'tell' is given twice: to step 2 of the chain, and to call 1 beside it, in member 1 of the group, in step 3 of the chain. Give each a name of its own.", error.Message);
    }

    [Fact]
    public void A_part_and_a_step_cannot_have_the_same_name()
    {
        var import = Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en")).Named("import");

        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Chain(import, new Notify("a").ToCall().Named("import")).Plan());

        Assert.Equal("The name 'import' is given twice: to step 2 of the chain, and to step 1 of the chain. Give each a name of its own.", error.Message);
    }

    [Fact]
    public void The_name_of_the_beginning_is_taken()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Chain(new Fetch("a").ToCall(), new Notify("a").ToCall().Named("start")).Plan());

        Assert.Equal("The name 'start' is given to step 2 of the chain, but it is that of the beginning of every workflow. Give another.", error.Message);
    }

    [Fact]
    public void A_name_has_one_to_255_characters()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => new Fetch("a").ToCall().Named(""));

        Assert.Equal("A name has 0 characters: ''. Give 1 to 255, or null for a default.", error.Message);
        Assert.Throws<InvalidWorkflowException>(() => new Fetch("a").ToCall().Named(new string('x', 256)));
    }

    private static IEnumerable<string> Names(Workflow workflow) => workflow.Plan().Nodes.Select(node => node.Name);

    private sealed record Wrapped<T>(T Inner) : ITask;
}
