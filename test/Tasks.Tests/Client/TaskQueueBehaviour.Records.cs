namespace TasksBus.Tests;

/// <content>What is kept of a run, and for how long.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_snapshot_tells_all_about_a_run()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.WorkerName = "anna")
            .AddTask((Add task) => task.X + task.Y));
        var before = TimeProvider.System.GetUtcNow();

        var run = await queue.Client.Run(new Add(2, 3), new RunOptions { ExpiresIn = TimeSpan.FromHours(1), Priority = 3 });

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Succeeded, true, TaskName.Of(typeof(Add)), "tasks"), (end.State, end.IsFinal, end.TaskName, end.Queue));
        Assert.Equal((1, 4, "anna", 3), (end.Attempt, end.MaxAttempts, end.Worker, end.Priority));
        Assert.Equal((new Add(2, 3), 5), (end.Arguments?.As<Add>(), end.Result?.As<int>()));
        Assert.Equal((null, null, null, null), (end.Error, end.FailureKind, end.NextAttemptAt, end.NotBefore));
        Assert.Equal(end.SubmittedAt + TimeSpan.FromHours(1), end.ExpiresAt);
        Assert.True(before <= end.SubmittedAt && end.SubmittedAt <= end.StartedAt && end.StartedAt <= end.FinishedAt);
    }

    [Fact]
    public async Task Arguments_are_not_kept_if_they_are_not_to_be()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask(
            async (Ask task) =>
            {
                await gate.Pass();
                return task.Question;
            },
            task => task.KeepArguments = false));
        var run = await queue.Client.Run(new Ask("secret"));
        await gate.Entered;

        var running = await run.Snapshot();
        gate.Open();

        Assert.Null(running.Arguments);
        Assert.Equal("secret", await run.Result(TaskQueueFixture.Patience));
        Assert.Null((await run.Snapshot()).Arguments);
    }

    [Fact]
    public async Task Arguments_that_are_not_kept_are_there_for_every_attempt_and_after_a_delay()
    {
        await using var queue = await Start(queue => queue.AddTask(
            (Ask task, TaskContext context) => context.Attempt < 3 ? throw new InvalidOperationException("Torn.") : task.Question,
            task =>
            {
                task.KeepArguments = false;
                RetryQuickly(task);
            }));

        var run = await queue.Client.Run(new Ask("secret"), new RunOptions { Delay = TimeSpan.FromMilliseconds(50) });

        Assert.Null((await run.Snapshot()).Arguments);
        Assert.Equal("secret", await run.Result(TaskQueueFixture.Patience));
        Assert.Null((await run.Snapshot()).Arguments);
    }

    [Fact]
    public async Task A_result_is_not_kept_if_it_is_not_to_be()
    {
        await using var queue = await StartAsk(_ => Task.FromResult<string?>("secret"), task => task.KeepResult = false);
        var run = await queue.Client.Run(new Ask());

        var error = await Assert.ThrowsAsync<TaskResultException>(() => run.Result(TaskQueueFixture.Patience));

        Assert.Contains(nameof(TaskOptions.KeepResult), error.Message, StringComparison.Ordinal);
        Assert.Equal((TaskState.Succeeded, null), ((await run.Snapshot()).State, (await run.Snapshot()).Result));
    }

    [Fact]
    public async Task A_final_run_can_be_forgotten()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));
        var run = await queue.Client.Run(new Add(2, 3));
        await TaskQueueFixture.EndOf(run);

        await run.Forget();

        Assert.Equal(TaskState.NotFound, (await run.Snapshot()).State);
        Assert.Empty((await queue.Monitor.List()).Runs);
    }

    [Fact]
    public async Task A_run_that_is_not_final_cannot_be_forgotten()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => run.Forget());

        Assert.Contains($"{run.RunId} is {TaskState.Scheduled}", error.Message, StringComparison.Ordinal);
        Assert.Contains("Wait for its end, or revoke it", error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.Scheduled, (await run.Snapshot()).State);
    }

    [Fact]
    public async Task Forgetting_an_unknown_run_does_nothing()
    {
        await using var queue = await Start(_ => { });

        var error = await Record.ExceptionAsync(() => queue.Client.Find(Guid.NewGuid()).Forget());

        Assert.Null(error);
    }

    [Fact]
    public async Task An_id_that_was_forgotten_can_be_used_again()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));
        var options = new RunOptions { RunId = Guid.NewGuid() };
        var first = await queue.Client.Run(new Add(1, 1), options);
        await TaskQueueFixture.EndOf(first);
        await first.Forget();

        var second = await queue.Client.Run(new Add(2, 2), options);

        Assert.Equal(4, await second.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_record_is_gone_after_its_lifetime()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y, task => task.ResultLifetime = TimeSpan.FromSeconds(5)));
        var run = await queue.Client.Run(new Add(2, 3));
        await TaskQueueFixture.EndOf(run);

        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await run.Snapshot(patience.Token)).State != TaskState.NotFound)
            await Task.Yield();

        await Assert.ThrowsAsync<TaskNotFoundException>(() => run.Result());
    }

    [Fact]
    public async Task A_failed_run_is_kept_for_a_lifetime_of_its_own()
    {
        await using var queue = await Start(queue => queue.AddTask(
            (Ask task) => task.Question.Length == 0 ? throw new InvalidOperationException("No question.") : task.Question,
            task =>
            {
                task.Retry.MaxAttempts = 1;
                (task.ResultLifetime, task.FailureLifetime) = (TimeSpan.FromHours(1), TimeSpan.FromSeconds(5));
            }));
        var (good, bad) = (await queue.Client.Run(new Ask("What?")), await queue.Client.Run(new Ask("")));
        var ends = await Task.WhenAll(TaskQueueFixture.EndOf(good), TaskQueueFixture.EndOf(bad));

        await Eventually(async () => (await bad.Snapshot()).State == TaskState.NotFound);

        Assert.Equal((TaskState.Succeeded, TaskState.Failed), (ends[0].State, ends[1].State));
        Assert.Equal(TaskState.Succeeded, (await good.Snapshot()).State);
    }
}
