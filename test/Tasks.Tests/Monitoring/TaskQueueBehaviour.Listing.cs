namespace TasksBus.Tests;

/// <content>How runs are listed and counted.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_worker_is_listed_while_it_lives()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => (options.WorkerName, options.Concurrency) = ($"anna-{Guid.NewGuid():N}", 7))
            .AddTask((Add task) => task.X + task.Y, task => task.Queue = "sums"));
        await TaskQueueFixture.EndOf(await queue.Client.Run(new Add(1, 2)));
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        IReadOnlyList<WorkerSnapshot> workers;
        while ((workers = await queue.Monitor.Workers(patience.Token)) is not [{ Queues.Count: > 0 }])
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);

        var worker = Assert.Single(workers);
        Assert.Equal((queue.Options.WorkerName, Environment.MachineName, Environment.ProcessId, 7), (worker.Name, worker.Machine, worker.ProcessId, worker.Concurrency));
        Assert.Contains("sums", worker.Queues);
        Assert.InRange(worker.Silence, TimeSpan.Zero, TaskQueueFixture.Patience);
    }

    [Fact]
    public async Task Runs_are_listed_newest_first()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var ids = new List<Guid>();
        for (var number = 0; number < 3; number++)
        {
            ids.Add((await queue.Client.Run(new Work())).RunId);
            await NextMillisecond();
        }

        var page = await queue.Monitor.List();

        Assert.Equal(Enumerable.Reverse(ids), page.Runs.Select(run => run.RunId));
        Assert.Null(page.NextCursor);
    }

    [Fact]
    public async Task Runs_are_listed_by_state_task_and_queue_alone_and_together()
    {
        await using var queue = await Start(queue => queue
            .AddTask(Task (Work _) => throw new RejectTaskException(), task => task.Queue = "slow")
            .AddTask((Add task) => task.X + task.Y));
        var failed = await queue.Client.Run(new Work());
        var succeeded = await queue.Client.Run(new Add(1, 1));
        var waiting = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });
        await Task.WhenAll(TaskQueueFixture.EndOf(failed), TaskQueueFixture.EndOf(succeeded));

        await Lists(new TaskQuery { State = TaskState.Succeeded }, succeeded);
        await Lists(new TaskQuery { State = TaskState.Running });
        await Lists(new TaskQuery { TaskName = TaskName.Of(typeof(Work)) }, failed, waiting);
        await Lists(new TaskQuery { TaskName = "nobody" });
        await Lists(new TaskQuery { Queue = "tasks" }, succeeded);
        await Lists(new TaskQuery { Queue = "slow", State = TaskState.Scheduled }, waiting);
        await Lists(new TaskQuery { Queue = "slow", State = TaskState.Failed, TaskName = TaskName.Of(typeof(Work)) }, failed);
        await Lists(new TaskQuery { Queue = "tasks", State = TaskState.Failed });

        async Task Lists(TaskQuery query, params TaskHandle[] expected)
        {
            var page = await queue.Monitor.List(query);
            Assert.Equal(expected.Select(run => run.RunId).Order(), page.Runs.Select(run => run.RunId).Order());
        }
    }

    [Fact]
    public async Task Runs_are_listed_by_the_time_of_their_submission()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        await queue.Client.Run(new Work());
        await NextMillisecond();
        var second = await queue.Client.Run(new Work());
        await NextMillisecond();
        var third = await queue.Client.Run(new Work());
        var (from, before) = ((await second.Snapshot()).SubmittedAt, (await third.Snapshot()).SubmittedAt);

        var between = await queue.Monitor.List(new TaskQuery { SubmittedFrom = from, SubmittedBefore = before });
        var since = await queue.Monitor.List(new TaskQuery { SubmittedFrom = from });

        Assert.Equal([second.RunId], between.Runs.Select(run => run.RunId));
        Assert.Equal([third.RunId, second.RunId], since.Runs.Select(run => run.RunId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(TaskState.Succeeded)]
    public async Task Pages_hold_every_run_once(TaskState? state)
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var runs = await queue.Client.RunMany(Enumerable.Range(0, 250).Select(_ => new Work()));
        await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        var pages = new List<TaskPage>();
        do
            pages.Add(await queue.Monitor.List(new TaskQuery { State = state, PageSize = 40, Cursor = pages.LastOrDefault()?.NextCursor }));
        while (pages[^1].NextCursor is not null);

        Assert.Equal([40, 40, 40, 40, 40, 40, 10], pages.Select(page => page.Runs.Count));
        Assert.Equal(runs.Select(run => run.RunId).Order(), pages.SelectMany(page => page.Runs).Select(run => run.RunId).Order());
    }

    [Fact]
    public async Task A_listing_has_no_payloads()
    {
        await using var queue = await Start(queue => queue.AddTask(async (Add task, TaskContext context) =>
        {
            await context.SaveData("data");
            return task.X + task.Y;
        }));
        await TaskQueueFixture.EndOf(await queue.Client.Run(new Add(1, 1)));

        var listed = Assert.Single((await queue.Monitor.List()).Runs);

        Assert.Equal((TaskState.Succeeded, null, null, null), (listed.State, listed.Arguments, listed.Result, listed.Data));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("12-34")]
    [InlineData("")]
    public async Task A_cursor_that_did_not_come_from_a_page_is_refused(string cursor)
    {
        await using var queue = await Start(_ => { });

        var error = await Assert.ThrowsAsync<FormatException>(() => queue.Monitor.List(new TaskQuery { Cursor = cursor }));

        Assert.Contains($"'{cursor}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(TaskPage.NextCursor), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public async Task A_page_size_out_of_range_is_refused(int size)
    {
        await using var queue = await Start(_ => { });

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queue.Monitor.List(new TaskQuery { PageSize = size }));

        Assert.Contains($"{nameof(TaskQuery.PageSize)} is {size}. Give 1 to 1,000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_counted_by_state()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var runs = await queue.Client.RunMany(Enumerable.Range(0, 5).Select(_ => new Work()));
        await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));
        await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });
        await runs[0].Forget();

        var counts = await Task.WhenAll(Enum.GetValues<TaskState>().Select(state => queue.Monitor.Count(state)));

        Assert.Equal([0, 1, 0, 0, 0, 4, 0, 0, 0], counts);
    }

    /// <summary>Runs are listed in the order of the milliseconds of their submission.</summary>
    private static async Task NextMillisecond()
    {
        var now = TimeProvider.System.GetUtcNow();
        while (TimeProvider.System.GetUtcNow() - now < TimeSpan.FromMilliseconds(2))
            await Task.Yield();
    }
}
