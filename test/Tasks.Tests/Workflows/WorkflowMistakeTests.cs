using System.Text.Json;

using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>What a workflow cannot be, or cannot be told: an error that names the thing, its value and the way out. What composing refuses is beside the tests of each kind.</summary>
public sealed class WorkflowMistakeTests
{
    [Fact]
    public async Task A_workflow_larger_than_the_store_takes_is_refused_before_anything_is_sent()
    {
        await using var queue = await TaskQueueFixture.Start(Sums.Add);
        var call = new Twice(1).ToCall();

        var error = await Assert.ThrowsAsync<InvalidWorkflowException>(() => queue.Client.Run(Workflow.Group(Enumerable.Repeat(call, 1_000_000))));

        Assert.StartsWith("The workflow has more than 1000000 steps: 'Twice' is the first too many. Let each run do more, as with Workflow.Chunks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_cannot_be_run_is_refused_by_the_name_of_its_step_before_anything_is_sent()
    {
        var attempts = 0;
        await using var queue = await TaskQueueFixture.Start(builder => builder.AddTask((Twice _, TaskContext _) => Task.FromResult(Interlocked.Increment(ref attempts))));
        var wrong = new Twice(2).ToCall() with { Name = "second", Options = new RunOptions { Priority = 12 } };

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(Workflow.Chain(new Twice(1)).Then(wrong)));
        var unknown = await Assert.ThrowsAsync<UnknownTaskException>(() => queue.Client.Run(Workflow.Chain(new Twice(1)).Then(new Total([]))));

        Assert.StartsWith("Step 'second': Priority is 12.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Total", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(0, attempts);
    }

    [Fact]
    public async Task A_signal_nobody_waits_for_is_refused_with_the_near_miss()
    {
        await using var queue = await TaskQueueFixture.Start(Sums.Add);
        var workflow = await queue.Client.Run(Workflow.WaitForSignal("approved"));
        var unknown = Guid.NewGuid();

        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Signal("aproved"));
        var nobody = await Assert.ThrowsAsync<WorkflowNotFoundException>(() => queue.Client.FindWorkflow(unknown).Signal("approved"));

        Assert.Contains("waits for signal 'aproved'. Did you mean 'approved'?", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(unknown, nobody.WorkflowId);
    }

    [Fact]
    public async Task The_payload_of_a_signal_is_refused_if_it_is_too_long_or_cannot_be_written()
    {
        await using var queue = await TaskQueueFixture.Start(builder =>
        {
            Sums.Add(builder);
            builder.Configure(options => options.MaxPayloadSize = 1_024);
        });
        var workflow = await queue.Client.Run(Workflow.WaitForSignal<string>("text"));

        var tooLong = await Assert.ThrowsAsync<ArgumentException>(() => workflow.Signal("text", new string('a', 2_000)));
        var unwritable = await Assert.ThrowsAsync<ArgumentException>(() => workflow.Signal("text", () => { }));

        Assert.StartsWith("The payload of signal 'text' is", tooLong.Message, StringComparison.Ordinal);
        Assert.StartsWith("The payload of signal 'text' cannot be serialised", unwritable.Message, StringComparison.Ordinal);
        Assert.Equal(WorkflowState.Running, (await workflow.Snapshot()).State);
    }

    [Theory]
    [InlineData("42", "waits for a Total, in JSON object or null, and was given integer.")]
    [InlineData("{}", "waits for a Total, and was given an object without 'numbers'.")]
    public async Task A_signal_with_something_else_than_its_step_waits_for_is_refused(string json, string objection)
    {
        await using var queue = await TaskQueueFixture.Start(Sums.Add);
        var workflow = await queue.Client.Run(Workflow.WaitForSignal<Total>("total").Then(total => new HowMany(total.Numbers)));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => workflow.Signal("total", JsonSerializer.Deserialize<JsonElement>(json)));
        await workflow.Signal("total", new { Numbers = new[] { 1, 2, 3 }, Unit = "m" });

        Assert.StartsWith($"Step 'total' of workflow {workflow.WorkflowId} {objection}", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Theory]
    [InlineData(typeof(int), "five")]
    [InlineData(typeof(Guid), "7f3a")]
    [InlineData(typeof(DateTimeOffset), "tomorrow")]
    [InlineData(typeof(TimeSpan), "an hour")]
    public void A_text_that_cannot_be_read_as_the_type_is_none(Type type, string text) =>
        Assert.Equal($"a {type.Name}, and was given the text '{text}'", ValueShape.Of(type, JsonSerializerOptions.Web)!.ObjectionTo(Payload.From(text)));

    [Fact]
    public void A_text_that_can_be_read_as_the_type_is_one()
    {
        object[] values = [5, Guid.NewGuid(), DateTimeOffset.UtcNow, TimeSpan.FromHours(30), DateTime.UtcNow, "text", 'x', 1.5, new Uri("https://example.org/"), DayOfWeek.Monday];

        Assert.All(values, value => Assert.Null(ValueShape.Of(value.GetType(), JsonSerializerOptions.Web)?.ObjectionTo(Payload.From(value, JsonSerializerOptions.Web))));
        Assert.Null(ValueShape.Of(typeof(int), JsonSerializerOptions.Web)!.ObjectionTo(Payload.From("5")));
    }

    [Fact]
    public async Task A_workflow_that_has_succeeded_runs_or_is_unknown_cannot_be_retried()
    {
        var gate = new Gate();
        await using var queue = await TaskQueueFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Work _, CancellationToken token) => gate.Pass(token));
        });
        var succeeded = await queue.Client.Run(Workflow.Chain(new Twice(1)));
        await succeeded.Completion(TaskQueueFixture.Patience);
        var running = await queue.Client.Run(Workflow.Chain(new Work()));
        await gate.Entered;

        var finished = await Assert.ThrowsAsync<InvalidOperationException>(() => succeeded.Retry());
        var notYet = await Assert.ThrowsAsync<InvalidOperationException>(() => running.Retry());
        await Assert.ThrowsAsync<WorkflowNotFoundException>(() => queue.Client.FindWorkflow(Guid.NewGuid()).Retry());

        Assert.Equal($"Workflow {succeeded.WorkflowId} has succeeded up to its last step, 'Twice', and cannot be retried. Submit it anew.", finished.Message);
        Assert.Equal($"Workflow {running.WorkflowId} is Running, at its step 'Work': only one that has failed, expired or been revoked can be retried.", notYet.Message);
    }

    [Fact]
    public void Members_without_an_end_are_refused_where_the_group_is_composed()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => Workflow.Group(Endless()));

        Assert.StartsWith("A group is given more than 1000000 members, which no workflow can have as steps: 'one' is the first too many.", error.Message, StringComparison.Ordinal);

        static IEnumerable<Workflow> Endless()
        {
            var call = new Twice(1).ToCall().Named("one");
            while (true)
                yield return call;
        }
    }

    [Fact]
    public async Task Items_that_are_too_long_for_one_run_are_written_no_further_than_they_fit()
    {
        await using var queue = await TaskQueueFixture.Start(builder =>
        {
            Sums.Add(builder);
            builder.Configure(options => options.MaxPayloadSize = 1_024);
        });

        var error = await Assert.ThrowsAsync<InvalidWorkflowException>(() => queue.Client.Run(Workflow.Map(Enumerable.Range(100, 900), number => new Twice(number))));

        Assert.StartsWith("Step 'Twice' works through 900 items, but item 69 makes its arguments longer than MaxPayloadSize = 1,024 bytes. Give each run fewer, with Workflow.Chunks,", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_no_workflow_can_have_are_refused_by_their_names()
    {
        await using var queue = await TaskQueueFixture.Start(Sums.Add);

        foreach (var (options, start) in new[]
        {
            (new WorkflowOptions { WorkflowId = Guid.Empty }, "WorkflowId is 00000000"),
            (new WorkflowOptions { Timeout = TimeSpan.Zero }, "Timeout is 00:00:00: the workflow would have expired"),
            (new WorkflowOptions { Timeout = TimeSpan.MaxValue }, "Timeout is 10675199.02:48:05.4775807. Give up to 36500 days"),
            (new WorkflowOptions { Lifetime = TimeSpan.Zero }, "Lifetime is 00:00:00: nobody could read the result."),
            (new WorkflowOptions { Lifetime = TimeSpan.MaxValue }, "Lifetime is 10675199.02:48:05.4775807. Give up to 36500 days."),
            (new WorkflowOptions { Priority = 10 }, "Priority is 10. Give 0 (lowest) to 9"),
        })
        {
            var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => queue.Client.Run(Workflow.WaitForSignal("never"), options));
            Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        }
    }
}
