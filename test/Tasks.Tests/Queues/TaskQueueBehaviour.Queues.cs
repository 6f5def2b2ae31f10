using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tests.Limits;

namespace TasksBus.Tests;

/// <content>Queues, and who reads them.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_paused_queue_keeps_what_is_submitted_until_it_is_resumed_and_others_go_on()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Queue = "sums").AddTask((Work _) => { }));

        await Eventually(async () => await ReadersOf(queue, "sums") is { Readers: [_] } read ? read : null);
        await Queues(queue).Pause("sums");
        Assert.True(await ReadersOf(queue, "sums") is { IsPaused: true, Readers: [] });
        var sum = await queue.Client.Run(new Add(1, 2));
        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));
        var waiting = await sum.Snapshot();
        await Queues(queue).Resume("sums");

        Assert.Equal(TaskState.Pending, waiting.State);
        Assert.Equal(3, await sum.Result(TaskQueueFixture.Patience));
        Assert.False((await ReadersOf(queue, "sums")).IsPaused);
    }

    [Fact]
    public async Task A_queue_that_is_resumed_while_a_run_of_it_goes_on_is_read_again_and_the_run_comes_to_its_end()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .AddTask((Work _) => gate.Pass(), task => (task.Queue, task.Execution) = ("sums", HandlerExecution.Async))
            .AddTask((Add task) => task.X + task.Y, task => (task.Queue, task.Execution) = ("sums", HandlerExecution.Async)));
        var work = await queue.Client.Run(new Work());
        await gate.Entered;

        await Queues(queue).Pause("sums");
        await Queues(queue).Resume("sums");
        var sum = await queue.Client.Run(new Add(1, 2));

        Assert.Equal(3, await sum.Result(TaskQueueFixture.Patience));
        gate.Open();
        Assert.Equal(1, (await TaskQueueFixture.EndOf(work)).Attempt);
    }

    [Fact]
    public async Task Pausing_lets_what_runs_go_on()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask((Work _) => gate.Pass()));
        var run = await queue.Client.Run(new Work());
        await gate.Entered;
        await Eventually(async () => await ReadersOf(queue, "tasks") is { Readers: [_] } read ? read : null);

        await Queues(queue).Pause("tasks");
        await Eventually(async () => await ReadersOf(queue, "tasks") is { Readers: [] } paused ? paused : null);
        gate.Open();

        Assert.Equal((TaskState.Succeeded, 1), ((await TaskQueueFixture.EndOf(run)).State, (await run.Snapshot()).Attempts.Count));
    }

    [Fact]
    public async Task A_queue_that_is_drained_is_paused_once_everything_in_it_has_ended()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask((Work _) => gate.Pass()));
        var runs = await queue.Client.RunMany(Enumerable.Range(0, 40).Select(_ => new Work()));

        var draining = Queues(queue).Drain("tasks");
        await gate.Entered;
        var wasOver = draining.IsCompleted;
        gate.Open();
        await draining.WaitAsync(TaskQueueFixture.Patience);

        Assert.False(wasOver);
        Assert.All(await Task.WhenAll(runs.Select(run => run.Snapshot())), run => Assert.Equal(TaskState.Succeeded, run.State));
        Assert.True((await ReadersOf(queue, "tasks")).IsPaused);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Queues(queue).Drain("tasks"));
    }

    [Fact]
    public async Task Purging_revokes_what_waits_and_leaves_what_runs()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.Configure(options => options.Concurrency = 1).AddTask((Work _) => gate.Pass()));
        var running = await queue.Client.Run(new Work());
        await gate.Entered;
        await TaskQueueFixture.Until(running, TaskState.Running);
        var waiting = await queue.Client.RunMany(Enumerable.Range(0, 3).Select(_ => new Work()));

        var purged = await Queues(queue).Purge("tasks", "wrong tenant");
        gate.Open();

        Assert.Equal(3, purged);
        Assert.All(await Task.WhenAll(waiting.Select(TaskQueueFixture.EndOf)), end => Assert.Equal((TaskState.Revoked, "wrong tenant"), (end.State, end.RevokeReason)));
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(running)).State);
    }

    [Fact]
    public async Task A_running_worker_can_be_told_to_read_a_queue_and_to_leave_it()
    {
        await using var queue = await Start(queue => queue.Configure(options =>
        {
            options.Queues.Add("rush");
            options.SkipQueues.Add("rush");
        }).AddTask((Add task) => task.X + task.Y));
        var sum = await queue.Client.Run(new Add(1, 2), new RunOptions { Queue = "rush" });

        await Queues(queue).Add("rush", queue.Options.WorkerName);
        var result = await sum.Result(TaskQueueFixture.Patience);
        await Queues(queue).Remove("rush");
        await Eventually(async () => await ReadersOf(queue, "rush") is { Readers: [] } left ? left : null);
        var left = await queue.Client.Run(new Add(3, 4), new RunOptions { Queue = "rush" });
        await queue.Client.Run(new Add(5, 6));
        await Queues(queue).Add("rush");

        Assert.Equal(3, result);
        Assert.Equal(7, await left.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_queue_with_a_concurrency_of_its_own_runs_no_more_at_a_time_and_others_do()
    {
        var (narrow, wide) = (new Crowd(), new Gate());
        await using var queue = await Start(queue => queue
            .Configure(options => (options.PerQueue["narrow"], options.Execution) = (new QueueOptions { Concurrency = 2 }, HandlerExecution.Async))
            .AddTask((Upload _) => narrow.Pass(), task => task.Queue = "narrow")
            .AddTask((Work _) => wide.Pass()));

        var work = await queue.Client.RunMany(Enumerable.Range(0, 3).Select(_ => new Work()));
        var uploads = await queue.Client.RunMany(Enumerable.Range(0, 20).Select(_ => new Upload("acme")));
        await Task.WhenAll(uploads.Select(TaskQueueFixture.EndOf));
        foreach (var run in work)
            await TaskQueueFixture.Until(run, TaskState.Running);
        wide.Open();

        Assert.InRange(narrow.Largest, 1, 2);
        Assert.All(await Task.WhenAll(work.Select(TaskQueueFixture.EndOf)), end => Assert.Equal(TaskState.Succeeded, end.State));
    }

    [Fact]
    public async Task Routes_say_the_queue_of_tasks_that_name_none()
    {
        await using var queue = await Start(queue => queue
            .Configure(options =>
            {
                options.Routes.Add(new QueueRoute { Task = TaskName.Of(typeof(Add)), Queue = "exact" });
                options.Routes.Add(new QueueRoute { Task = "*.As?", Queue = "pattern" });
                options.Router = name => name.EndsWith("Work", StringComparison.Ordinal) ? "router" : null;
            })
            .AddTask((Add task) => task.X + task.Y)
            .AddTask((Ask _) => "yes")
            .AddTask((Work _) => { }));

        TaskHandle[] runs = [await queue.Client.Run(new Add(1, 2)), await queue.Client.Run(new Ask()), await queue.Client.Run(new Work())];
        var ends = await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        Assert.Equal([(TaskState.Succeeded, "exact"), (TaskState.Succeeded, "pattern"), (TaskState.Succeeded, "router")], ends.Select(end => (end.State, end.Queue)));
    }

    [Fact]
    public async Task A_queue_or_worker_that_nobody_knows_is_refused_with_those_that_are()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Queue = "sums"));

        var queueError = await Assert.ThrowsAsync<UnknownQueueException>(() => Queues(queue).Pause("sms"));
        await Eventually(async () => await ReadersOf(queue, "sums") is { Readers: [_] } read ? read : null);
        var workerError = await Assert.ThrowsAsync<ArgumentException>(() => Queues(queue).Add("sums", "nobody"));

        Assert.Contains("Did you mean 'sums'?", queueError.Message, StringComparison.Ordinal);
        Assert.Contains("No worker 'nobody' lives.", workerError.Message, StringComparison.Ordinal);
    }

    private static ITaskQueues Queues(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskQueues>();

    private static async Task<QueueSnapshot> ReadersOf(TaskQueueFixture queue, string name) =>
        (await Queues(queue).List()).Single(one => one.Name == name);
}
