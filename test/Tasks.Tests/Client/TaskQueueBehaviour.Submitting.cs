using System.Collections.Concurrent;

namespace TasksBus.Tests;

/// <content>How runs are submitted.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_run_can_be_submitted_by_the_name_of_its_task()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var run = await queue.Client.Run(TaskName.Of(typeof(Add)), new { x = 2, y = 3 });

        Assert.Equal(5, await run.Result<int>(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_run_by_name_without_arguments_gets_an_empty_object()
    {
        await using var queue = await Start(queue => queue.AddTask((Ask task) => $"asked '{task.Question}'"));

        var run = await queue.Client.Run(TaskName.Of(typeof(Ask)), arguments: null);

        Assert.Equal("asked ''", await run.Result<string>(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task Arguments_that_lack_something_end_the_run_as_a_bad_payload()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var run = await queue.Client.Run(TaskName.Of(typeof(Add)), new { x = 1 });

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.BadPayload), (end.State, end.FailureKind));
        Assert.Contains("'y'", end.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_id_is_refused()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Add(1, 2), new RunOptions { RunId = Guid.Empty }));

        Assert.Contains("Give an id of its own", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_of_a_run_of_another_task_is_refused()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y).AddTask((Work _) => { }));
        var first = await queue.Client.Run(new Add(1, 2));
        await TaskQueueFixture.EndOf(first);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Work(), new RunOptions { RunId = first.RunId }));

        Assert.Contains($"{first.RunId} is that of a run of task '{TaskName.Of(typeof(Add))}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_has_registered_is_refused_with_the_nearest_that_somebody_has()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var error = await Assert.ThrowsAsync<UnknownTaskException>(() => queue.Client.Run("TasksBus.Tests.Ad", new { x = 2, y = 3 }));

        Assert.Contains("'TasksBus.Tests.Ad'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'TasksBus.Tests.Add'?", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{nameof(RunOptions)}.{nameof(RunOptions.Queue)}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handles_of_many_runs_come_in_the_order_of_their_tasks()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 300).Select(number => new Add(number, 1)));

        var results = await Task.WhenAll(runs.Select(run => run.Result(TaskQueueFixture.Patience)));
        Assert.Equal(Enumerable.Range(1, 300), results);
    }

    [Fact]
    public async Task Many_runs_cannot_share_an_id()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));
        var id = Guid.NewGuid();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.RunMany([new Add(1, 1)], new RunOptions { RunId = id }));

        Assert.Contains(nameof(RunOptions.RunId), error.Message, StringComparison.Ordinal);
        Assert.Contains(id.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_tasks_one_that_is_null_is_refused_and_nothing_is_sent()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.RunMany([new Add(1, 2), null!]));

        Assert.StartsWith("Task 1 of those to be submitted is null. Leave it out.", refused.Message, StringComparison.Ordinal);
        Assert.Empty((await queue.Monitor.List(new TaskQuery())).Runs);
    }

    [Fact]
    public async Task The_same_id_twice_is_one_run()
    {
        var started = new ConcurrentQueue<Guid>();
        await using var queue = await StartWork(context =>
        {
            started.Enqueue(context.RunId);
            return Task.CompletedTask;
        });
        var options = new RunOptions { RunId = Guid.NewGuid() };

        var first = await queue.Client.Run(new Work(), options);
        await TaskQueueFixture.EndOf(first);
        var second = await queue.Client.Run(new Work(), options);
        await DrainOf(queue);

        Assert.Equal(options.RunId, second.RunId);
        Assert.Equal(1, (await second.Snapshot()).Attempt);
        Assert.Single(started, options.RunId.Value);
    }

    [Fact]
    public async Task The_same_id_fifty_times_at_once_is_one_run()
    {
        var started = new ConcurrentQueue<Guid>();
        await using var queue = await StartWork(context =>
        {
            started.Enqueue(context.RunId);
            return Task.CompletedTask;
        });
        var options = new RunOptions { RunId = Guid.NewGuid() };

        var runs = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => queue.Client.Run(new Work(), options)));
        await DrainOf(queue);

        Assert.All(runs, run => Assert.Equal(options.RunId, run.RunId));
        Assert.Single(started, options.RunId.Value);
    }

    [Fact]
    public async Task A_run_goes_to_the_queue_that_it_names()
    {
        await using var queue = await Start(queue => queue
            .AddTask((Ask _, TaskContext context) => context.Queue, task => task.Queue = "slow")
            .AddTask((Work _) => { }, task => task.Queue = "quick")
            .AddTask((Add task) => task.X + task.Y, task => task.Queue = "quick"));

        var usual = await queue.Client.Run(new Ask());
        var moved = await queue.Client.Run(new Ask(), new RunOptions { Queue = "quick" });

        Assert.Equal("slow", await usual.Result(TaskQueueFixture.Patience));
        Assert.Equal("quick", await moved.Result(TaskQueueFixture.Patience));
        Assert.Equal("quick", (await moved.Snapshot()).Queue);
    }

    [Fact]
    public async Task A_queue_that_the_process_does_not_know_is_refused_with_the_nearest_that_it_does()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.Queues.Add("images"))
            .AddTask((Add task) => task.X + task.Y));

        var error = await Assert.ThrowsAsync<UnknownQueueException>(() => queue.Client.Run(new Add(1, 1), new RunOptions { Queue = "image" }));

        Assert.Contains("'image'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'images'?", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.Queues)}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public async Task A_priority_out_of_range_is_refused(int priority)
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queue.Client.Run(new Add(1, 1), new RunOptions { Priority = priority }));

        Assert.Contains($"{nameof(RunOptions.Priority)} is {priority}", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 (lowest) to 9", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public async Task A_priority_in_range_is_kept_with_the_run(int priority)
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Priority = 5));

        var run = await queue.Client.Run(new Add(1, 1), new RunOptions { Priority = priority });

        Assert.Equal(priority, (await TaskQueueFixture.EndOf(run)).Priority);
    }

    [Fact]
    public async Task Arguments_that_are_too_long_are_refused_before_they_are_sent()
    {
        await using var queue = await Start(queue => queue.Configure(options => options.MaxPayloadSize = 2_000).AddTask((Work _) => { }));
        var id = Guid.NewGuid();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Work(new string('x', 2_000)), new RunOptions { RunId = id }));

        Assert.Contains($"'{TaskName.Of(typeof(Work))}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{nameof(TaskQueueOptions.MaxPayloadSize)} = 2,000", error.Message, StringComparison.Ordinal);
        Assert.Contains("pass its address", error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.NotFound, (await queue.Client.Find(id).Snapshot()).State);
    }

    [Fact]
    public async Task Arguments_that_cannot_be_serialised_are_refused_before_they_are_sent()
    {
        await using var queue = await Start(queue => queue.AddTask((Knot _) => { }));
        var knot = new Knot();
        knot.Self = knot;

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(knot));

        Assert.Contains($"'{TaskName.Of(typeof(Knot))}' cannot be serialised", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Ends when every message that was in the default queue before has been dealt with.</summary>
    [Fact]
    public async Task A_header_without_a_value_is_refused()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Work(), new RunOptions { Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["tenant"] = null! } }));

        Assert.Contains("Headers['tenant'] is null. Give it a value, or leave it out.", error.Message, StringComparison.Ordinal);
        Assert.Equal("options", error.ParamName);
    }

    [Fact]
    public async Task A_bad_option_is_named_as_the_parameter_that_it_came_with()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);

        foreach (var options in new RunOptions[] { new() { LimitKey = "" }, new() { UniqueKey = "a" }, new() { Unique = new UniqueOptions { Period = TimeSpan.Zero } }, new() { Priority = 10 } })
            Assert.Equal("options", (await Assert.ThrowsAnyAsync<ArgumentException>(() => queue.Client.Run(new Work(), options))).ParamName);
    }

    private static async Task DrainOf(TaskQueueFixture queue)
    {
        var last = await queue.Client.RunMany(Enumerable.Range(0, queue.Options.Concurrency).Select(_ => new Work()));
        await Task.WhenAll(last.Select(TaskQueueFixture.EndOf));
    }

    /// <summary>Holds itself.</summary>
    public sealed class Knot : ITask
    {
        public Knot? Self { get; set; }
    }
}
