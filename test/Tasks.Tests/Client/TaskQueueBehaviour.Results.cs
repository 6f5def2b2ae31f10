namespace TasksBus.Tests;

/// <content>What callers get of a run.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_run_gives_its_result()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));

        var run = await queue.Client.Run(new Add(2, 3));

        Assert.Equal(5, await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_result_can_be_null()
    {
        await using var queue = await StartAsk(_ => Task.FromResult<string?>(null));

        var run = await queue.Client.Run(new Ask());

        Assert.Null(await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_result_can_be_read_through_a_handle_that_was_found_by_id()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));
        var run = await queue.Client.Run(new Add(2, 3));

        var typed = await queue.Client.Find<int>(run.RunId).Result(TaskQueueFixture.Patience);
        var untyped = await queue.Client.Find(run.RunId).Result<int>(TaskQueueFixture.Patience);

        Assert.Equal((5, 5), (typed, untyped));
    }

    [Fact]
    public async Task A_run_that_returns_nothing_can_be_awaited_like_any_other_and_throws_if_it_fails()
    {
        var isBroken = false;
        await using var queue = await Start(queue => queue.AddTask((Work _) => isBroken ? throw new InvalidTimeZoneException("No such zone.") : Task.CompletedTask, task => task.Retry.MaxAttempts = 1));

        await (await queue.Client.Run(new Work())).Result(TaskQueueFixture.Patience);
        isBroken = true;
        var broken = await queue.Client.Run(new Work());

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => broken.Result(TaskQueueFixture.Patience));
        Assert.Equal("No such zone.", error.RemoteMessage);
    }

    [Fact]
    public async Task Waiting_for_a_failed_run_throws_what_its_handler_threw()
    {
        await using var queue = await StartAsk(_ => throw new InvalidTimeZoneException("No such zone."), task => task.Retry.MaxAttempts = 1);
        var run = await queue.Client.Run(new Ask());

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => run.Result(TaskQueueFixture.Patience));

        Assert.Equal(FailureKind.HandlerError, error.Kind);
        Assert.Equal(typeof(InvalidTimeZoneException).FullName, error.RemoteType);
        Assert.Equal("No such zone.", error.RemoteMessage);
        Assert.Contains(nameof(Waiting_for_a_failed_run_throws_what_its_handler_threw), error.RemoteStackTrace, StringComparison.Ordinal);
        Assert.Contains("No such zone.", error.Message, StringComparison.Ordinal);
        Assert.Contains(run.RunId.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_revoked_run_throws_the_reason()
    {
        await using var queue = await StartAsk(_ => Task.FromResult<string?>("never"));
        var run = await queue.Client.Run(new Ask(), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var revoked = await run.Revoke("Not needed any more.");

        Assert.Equal(TaskState.Revoked, revoked.State);
        var error = await Assert.ThrowsAsync<TaskRevokedException>(() => run.Result(TaskQueueFixture.Patience));
        Assert.Contains("Not needed any more.", error.Message, StringComparison.Ordinal);
        Assert.Equal("Not needed any more.", error.Run.RevokeReason);
    }

    [Fact]
    public async Task Waiting_for_an_expired_run_throws_when_it_expired()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => options.Concurrency = 1)
            .AddTask((Ask _) => "too late")
            .AddTask((Work _) => gate.Pass()));
        await queue.Client.Run(new Work());
        await gate.Entered;

        var run = await queue.Client.Run(new Ask(), new RunOptions { ExpiresIn = TimeSpan.FromMilliseconds(100) });

        var error = await Assert.ThrowsAsync<TaskExpiredException>(() => run.Result(TaskQueueFixture.Patience));
        Assert.Equal(TaskState.Expired, error.Run.State);
        Assert.Contains($"{error.Run.ExpiresAt:O}", error.Message, StringComparison.Ordinal);
        gate.Open();
    }

    [Fact]
    public async Task A_wait_that_times_out_does_not_stop_the_run()
    {
        var gate = new Gate();
        await using var queue = await StartAsk(async _ =>
        {
            await gate.Pass();
            return "done";
        });
        var run = await queue.Client.Run(new Ask());

        var error = await Assert.ThrowsAsync<TimeoutException>(() => run.Result(TimeSpan.FromMilliseconds(50)));
        gate.Open();

        Assert.Contains(run.RunId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal("done", await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_does_not_stop_the_run()
    {
        var gate = new Gate();
        await using var queue = await StartAsk(async _ =>
        {
            await gate.Pass();
            return "done";
        });
        var run = await queue.Client.Run(new Ask());
        using var impatient = new CancellationTokenSource();

        var wait = run.Result(cancellationToken: impatient.Token);
        await impatient.CancelAsync();
        gate.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal("done", await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_run_that_nobody_knows_is_not_found()
    {
        await using var queue = await Start(_ => { });
        var run = queue.Client.Find<int>(Guid.NewGuid());

        var snapshot = await run.Snapshot();
        var error = await Assert.ThrowsAsync<TaskNotFoundException>(() => run.Result(TaskQueueFixture.Patience));

        Assert.Equal(TaskState.NotFound, snapshot.State);
        Assert.Equal(run.RunId, error.RunId);
        Assert.Equal(TaskState.NotFound, (await run.Revoke()).State);
    }

    [Fact]
    public async Task A_result_of_another_type_is_refused_with_both_types()
    {
        await using var queue = await StartAsk(_ => Task.FromResult<string?>("text"));
        var run = await queue.Client.Run(new Ask());

        var error = await Assert.ThrowsAsync<TaskResultException>(() => queue.Client.Find<int>(run.RunId).Result(TaskQueueFixture.Patience));

        Assert.Contains(typeof(int).FullName!, error.Message, StringComparison.Ordinal);
        Assert.Contains(run.RunId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("Read it as the type that the handler returns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_the_result_of_a_task_without_one_says_so()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var run = await queue.Client.Run(new Work());

        var error = await Assert.ThrowsAsync<TaskResultException>(() => run.Result<string>(TaskQueueFixture.Patience));

        Assert.Contains(nameof(TaskHandle.Completion), error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
    }

    [Fact]
    public async Task A_negative_timeout_is_refused()
    {
        await using var queue = await Start(_ => { });
        var run = queue.Client.Find(Guid.NewGuid());

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("timeout", () => run.Completion(TimeSpan.FromSeconds(-1)));
    }
}
