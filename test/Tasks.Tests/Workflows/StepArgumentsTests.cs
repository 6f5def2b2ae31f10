using System.Linq.Expressions;
using System.Text.Json;

using TasksBus.Tests.Testing;

namespace TasksBus.Tests.Workflows;

/// <summary>Steps whose arguments cannot be put together.</summary>
public sealed class StepArgumentsTests
{
    [Fact]
    public void A_result_goes_into_no_arguments_but_an_object()
    {
        var list = Workflow.Chain(new Fetch("x")).Then(TaskCall.Of<int>("sum", new[] { 1 }), into: "x");

        var composed = Assert.Throws<InvalidWorkflowException>(() => list.Plan());
        var written = Assert.Throws<InvalidWorkflowException>(() => JsonSerializer.Serialize<Workflow>(list));
        var read = JsonSerializer.Deserialize<Workflow>(
            """{"chain":[{"call":{"taskName":"fetch","arguments":{}}},{"call":{"taskName":"sum","arguments":"text","inputs":[{"from":0,"path":[],"into":"x"}]}}]}""")!;

        Assert.Equal("Step 'sum' takes a result into 'x', but its arguments are no object in JSON, which alone could have it. Give it an object.", composed.Message);
        Assert.Contains("Step 'sum'", written.Message, StringComparison.Ordinal);
        Assert.Contains("Step 'sum' takes a result into 'x'", Assert.Throws<InvalidWorkflowException>(() => read.Plan()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_whose_arguments_are_too_long_with_what_it_takes_fails(bool isInGroup)
    {
        await using var fixture = await HarnessFixture.Start(builder =>
        {
            builder.AddTask((Ask _, TaskContext _) => Task.FromResult<string?>(new string('a', 1_000)));
            builder.AddTask((Merge merge, TaskContext _) => Task.FromResult(merge.Left + merge.Right));
            builder.Configure(options => options.MaxPayloadSize = 1_024);
        });

        var end = await EndOf(fixture, Workflow.Chain(new Ask()), text => new Merge(text!, "besides, something that is too long together with that"), isInGroup);

        Assert.Equal((WorkflowState.Failed, "Merge", FailureKind.BadPayload), (end.State, end.Failure?.Step, end.Failure?.Kind));
        Assert.Contains(nameof(TaskQueueOptions.MaxPayloadSize), end.Failure!.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_fails_that_takes_what_cannot_be_read(bool isInGroup)
    {
        await using var fixture = await HarnessFixture.Start(builder =>
        {
            builder.AddTask((Dig _, TaskContext _) => Task.FromResult(JsonDocument.Parse(new string('[', 100) + new string(']', 100), new JsonDocumentOptions { MaxDepth = 200 }).RootElement));
            builder.AddTask((Bury bury, TaskContext _) => Task.FromResult(bury.Text));
            builder.Configure(options => options.Json = new JsonSerializerOptions(options.Json) { MaxDepth = 200 });
        });

        var end = await EndOf(fixture, Workflow.Chain(new Dig()), found => new Bury(found, "text"), isInGroup);

        Assert.Equal((WorkflowState.Failed, "Bury", FailureKind.BadPayload), (end.State, end.Failure?.Step, end.Failure?.Kind));
    }

    /// <summary>The end of two steps, at which nobody looks meanwhile, and of which the second comes on a routing slip or, as the only member of a group, as a run.</summary>
    private static async Task<WorkflowSnapshot> EndOf<T>(HarnessFixture fixture, Workflow<T> first, Expression<Func<T, ITask<string>>> second, bool isInGroup)
    {
        Workflow whole = isInGroup ? first.ThenGroup(second) : first.Then(second);
        return await (await fixture.Harness.Client.Run(whole)).Completion(TaskQueueFixture.Patience);
    }

    /// <summary>Gives something deep.</summary>
    public sealed record Dig : ITask<JsonElement>;

    /// <summary>Takes something deep.</summary>
    public sealed record Bury(JsonElement Found, string Text) : ITask<string>;

    [Fact]
    public async Task Results_are_found_by_a_workflow_that_was_written_with_other_options_than_those_of_the_queue()
    {
        await using var queue = await TaskQueueFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Halve task) => new Halves(task.Number / 2, task.Number - (task.Number / 2)));
        });
        var written = JsonSerializer.Serialize(Workflow.Chain(new Halve(7)).Then(halves => new Twice(halves.Right)));

        var workflow = await queue.Client.Run(JsonSerializer.Deserialize<Workflow<int>>(written)!);

        Assert.Contains("\"Right\"", written, StringComparison.Ordinal);
        Assert.Equal(8, await workflow.Result(TaskQueueFixture.Patience));
    }

    public sealed record Halve(int Number) : ITask<Halves>;

    public sealed record Halves(int Left, int Right);
}
