using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests;

/// <content>What runs before a run is submitted.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_submit_filter_adds_headers_and_changes_options()
    {
        await using var queue = await Start(queue => queue
            .AddSubmitFilter<StampTenant>()
            .AddSubmitFilter<HurryAcme>()
            .AddTask((Work _) => { }));

        var run = await queue.Client.Run(new Work(), new RunOptions { Priority = 1 });
        var many = await queue.Client.RunMany([new Work()]);
        var named = await queue.Client.Run(TaskName.Of(typeof(Work)), new Work());

        foreach (var handle in many.Append(run).Append(named))
        {
            var end = await TaskQueueFixture.EndOf(handle);
            Assert.Equal(("acme", 9), (end.Headers["tenant"], end.Priority));
        }
    }

    [Fact]
    public async Task What_a_submit_filter_throws_the_submitter_gets_and_nothing_is_sent()
    {
        await using var queue = await Start(queue => queue
            .AddSubmitFilter<OnlyPositive>()
            .AddTask((Add task) => task.X + task.Y));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => queue.Client.RunMany([new Add(1, 2), new Add(-1, 2)]));

        Assert.Equal($"{TaskName.Of(typeof(Add))} of -1", refused.Message);
        Assert.Empty((await queue.Monitor.List(new TaskQuery())).Runs);
    }

    [Fact]
    public async Task A_submit_filter_of_some_arguments_sees_those_alone()
    {
        await using var queue = await Start(queue => queue
            .AddSubmitFilter<HurrySums>()
            .AddTask((Add task) => task.X + task.Y)
            .AddTask((Work _) => { }));

        var sum = await TaskQueueFixture.EndOf(await queue.Client.Run(new Add(1, 2)));
        var work = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal(("sum of 1 and 2", 7), (sum.Headers["for"], sum.Priority));
        Assert.Equal((0, 0), (work.Headers.Count, work.Priority));
    }

    [Fact]
    public async Task A_submit_filter_of_some_arguments_sees_steps_and_occurrences_too()
    {
        await using var queue = await Start(queue => queue
            .AddSubmitFilter<HurrySums>()
            .AddTask((Add task) => task.X + task.Y)
            .UseScheduling());

        var workflow = await queue.Client.Run(Workflow.Chain(new Add(1, 2)));
        await workflow.Completion(TaskQueueFixture.Patience);
        var step = await (await workflow.Step("Add")).Snapshot();
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();
        await schedules.Put(new TaskSchedule("sums", new Add(3, 4), ScheduleRule.Every(TimeSpan.FromHours(1))));
        var occurrence = await TaskQueueFixture.EndOf(await schedules.RunNow("sums"));

        Assert.Equal(("sum of 1 and 2", 7), (step.Headers["for"], step.Priority));
        Assert.Equal(("sum of 3 and 4", 7), (occurrence.Headers["for"], occurrence.Priority));
    }

    [Theory]
    [InlineData("\"one\"")]
    [InlineData("[1, 2]")]
    [InlineData("{ \"x\": \"one\" }")]
    public async Task Arguments_of_another_shape_pass_a_submit_filter_of_some_and_end_their_run(string json)
    {
        await using var queue = await Start(queue => queue
            .AddSubmitFilter<HurrySums>()
            .AddTask((Add task) => task.X + task.Y));

        var run = await queue.Client.Run(TaskName.Of(typeof(Add)), Payload.FromJson(Encoding.UTF8.GetBytes(json)));

        Assert.Equal(FailureKind.BadPayload, (await TaskQueueFixture.EndOf(run)).FailureKind);
    }

    [Fact]
    public async Task Arguments_that_come_as_JSON_are_seen_by_a_submit_filter_of_some()
    {
        await using var queue = await Start(queue => queue
            .AddSubmitFilter<HurrySums>()
            .AddTask((Add task) => task.X + task.Y));

        var run = await queue.Client.Run(TaskName.Of(typeof(Add)), Payload.FromJson(" { \"x\": 3, \"y\": 4 }"u8.ToArray()));

        Assert.Equal("sum of 3 and 4", (await TaskQueueFixture.EndOf(run)).Headers["for"]);
    }

    [Fact]
    public async Task A_class_that_filters_no_submission_is_refused()
    {
        var refused = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start(queue => queue.AddSubmitFilter<Work>()));

        Assert.Equal($"'{typeof(Work).FullName}' cannot filter submissions: it is neither ISubmitFilter nor ISubmitFilter<TArgs>. Implement one of them.", refused.Message);
    }

    private sealed class HurrySums : ISubmitFilter<Add>
    {
        public ValueTask<RunOptions> BeforeSubmit(Add task, RunOptions options, CancellationToken cancellationToken) =>
            ValueTask.FromResult(options with { Priority = 7, Headers = new Dictionary<string, string> { ["for"] = $"sum of {task.X} and {task.Y}" } });
    }

    private sealed class StampTenant : ISubmitFilter
    {
        public ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken) =>
            ValueTask.FromResult(options with { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } });
    }

    private sealed class HurryAcme : ISubmitFilter
    {
        public ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken) =>
            ValueTask.FromResult(options.Headers!["tenant"] == "acme" ? options with { Priority = 9 } : options);
    }

    private sealed class OnlyPositive : ISubmitFilter
    {
        public ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken) =>
            arguments is Add { X: < 0 } add ? throw new InvalidOperationException($"{taskName} of {add.X}") : ValueTask.FromResult(options);
    }
}
