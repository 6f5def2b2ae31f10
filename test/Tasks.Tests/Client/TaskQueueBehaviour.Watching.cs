namespace TasksBus.Tests;

/// <content>How a run is followed.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_watcher_sees_every_state_of_a_run_and_its_end()
    {
        await using var queue = await StartWork(
            context => context.Attempt == 1 ? throw new RetryTaskException(TimeSpan.FromSeconds(1)) : Task.CompletedTask);
        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromSeconds(5) });

        var seen = await Watched(run);

        // A worker may be quicker than the broker's confirmation, without which a run that was delayed is not Pending.
        Assert.Equal(
            [TaskState.Scheduled, TaskState.Running, TaskState.Retrying, TaskState.Running, TaskState.Succeeded],
            seen.Select(snapshot => snapshot.State).Where(state => state != TaskState.Pending));
        Assert.Equal(seen.Select(snapshot => snapshot.Version).Order(), seen.Select(snapshot => snapshot.Version));
    }

    [Fact]
    public async Task A_watcher_sees_the_latest_progress()
    {
        var gate = new Gate();
        var reported = new Gate();
        await using var queue = await StartWork(async context =>
        {
            await gate.Pass();
            await context.ReportProgress(1, 3);
            await context.ReportProgress(2, 3, "two");
            await reported.Pass();
        });
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        var watch = Watched(run, whenSeen: snapshot =>
        {
            if (snapshot.State == TaskState.Running)
                gate.Open();
            if (snapshot.Progress?.Message == "two")
                reported.Open();
        });

        Assert.Contains(await watch, snapshot => snapshot is { State: TaskState.Running, Progress: { Done: 2, Total: 3, Message: "two" } });
    }

    [Fact]
    public async Task A_watcher_of_a_final_run_sees_it_once()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));
        var run = await queue.Client.Run(new Add(2, 3));
        await TaskQueueFixture.EndOf(run);

        var seen = await Watched(run);

        Assert.Equal((TaskState.Succeeded, 5), (Assert.Single(seen).State, seen[0].Result?.As<int>()));
    }

    [Fact]
    public async Task The_last_that_a_watcher_sees_has_the_result()
    {
        var gate = new Gate();
        await using var queue = await StartAsk(async _ =>
        {
            await gate.Pass();
            return "done";
        });
        var run = await queue.Client.Run(new Ask("How?"));
        await gate.Entered;

        var seen = await Watched(run, whenSeen: _ => gate.Open());

        Assert.Equal("done", seen[^1].Result?.As<string>());
        Assert.All(seen, snapshot => Assert.Equal(new Ask("How?"), snapshot.Arguments?.As<Ask>()));
    }

    [Fact]
    public async Task A_watcher_of_an_unknown_run_sees_that_it_is_not_found()
    {
        await using var queue = await Start(_ => { });

        var seen = await Watched(queue.Client.Find(Guid.NewGuid()));

        Assert.Equal(TaskState.NotFound, Assert.Single(seen).State);
    }

    [Fact]
    public async Task A_watcher_that_is_cancelled_ends()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });
        using var tired = new CancellationTokenSource();

        var watch = Watched(run, whenSeen: _ => tired.Cancel(), tired.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
    }

    [Fact]
    public async Task Many_can_wait_for_one_run()
    {
        var gate = new Gate();
        await using var queue = await StartAsk(async _ =>
        {
            await gate.Pass();
            return "done";
        });
        var run = await queue.Client.Run(new Ask());

        var waits = Enumerable.Range(0, 50).Select(_ => run.Result(TaskQueueFixture.Patience)).ToList();
        await gate.Entered;
        gate.Open();

        Assert.All(await Task.WhenAll(waits), result => Assert.Equal("done", result));
    }

    [Fact]
    public async Task Completion_gives_the_snapshot_of_a_run_that_failed()
    {
        await using var queue = await StartWork(_ => throw new RejectTaskException());
        var run = await queue.Client.Run(new Work());

        var end = await run.Completion(TaskQueueFixture.Patience);

        Assert.Equal((TaskState.Failed, run.RunId), (end.State, end.RunId));
    }

    /// <summary>Everything that a watcher sees of a run, to its end.</summary>
    private static async Task<IReadOnlyList<TaskSnapshot>> Watched(TaskHandle run, Action<TaskSnapshot>? whenSeen = null, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TaskQueueFixture.Patience);
        var seen = new List<TaskSnapshot>();
        await foreach (var snapshot in run.Watch(patience.Token))
        {
            seen.Add(snapshot);
            whenSeen?.Invoke(snapshot);
        }

        return seen;
    }
}
