namespace TasksBus.Tests;

/// <content>What happens to a run whose handler fails.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_run_that_fails_at_first_succeeds_in_a_later_attempt()
    {
        await using var queue = await StartAsk(
            context => context.Attempt < 3 ? throw new InvalidOperationException("Torn.") : Task.FromResult<string?>($"attempt {context.Attempt}"), RetryQuickly);

        var run = await queue.Client.Run(new Ask());

        Assert.Equal("attempt 3", await run.Result(TaskQueueFixture.Patience));
        Assert.Null((await run.Snapshot()).Error);
    }

    [Fact]
    public async Task A_run_that_keeps_failing_ends_as_Failed_after_its_last_attempt()
    {
        await using var queue = await StartWork(_ => throw new InvalidOperationException("Torn."), RetryQuickly);

        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.HandlerError, 4, 4), (end.State, end.FailureKind, end.Attempt, end.MaxAttempts));
        Assert.Equal("Torn.", end.Error?.Message);
    }

    [Fact]
    public async Task Every_attempt_is_kept_with_its_start_its_end_its_worker_and_its_error()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.WorkerName = "anna")
            .AddTask(
                (Work _, TaskContext context) =>
                {
                    if (context.Attempt < 3)
                        throw new InvalidOperationException($"Torn {context.Attempt} times.");
                },
                RetryQuickly));

        var run = await queue.Client.Run(new Work());

        var attempts = (await TaskQueueFixture.EndOf(run)).Attempts;
        Assert.Equal([1, 2, 3], attempts.Select(attempt => attempt.Number));
        Assert.Equal(["Torn 1 times.", "Torn 2 times.", null], attempts.Select(attempt => attempt.Error?.Message));
        Assert.All(attempts, attempt => Assert.Equal("anna", attempt.Worker));
        Assert.All(attempts, attempt => Assert.True(attempt.StartedAt <= attempt.EndedAt));
        Assert.All(attempts.Zip(attempts.Skip(1)), pair => Assert.True(pair.First.EndedAt <= pair.Second.StartedAt));
    }

    [Fact]
    public async Task Only_the_latest_attempts_are_kept()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.AttemptHistory = 2)
            .AddTask(Task (Work _) => throw new InvalidOperationException("Torn."), RetryQuickly));

        var run = await queue.Client.Run(new Work());

        Assert.Equal([3, 4], (await TaskQueueFixture.EndOf(run)).Attempts.Select(attempt => attempt.Number));
    }

    [Fact]
    public async Task A_run_between_attempts_shows_when_the_next_one_is_due()
    {
        await using var queue = await StartWork(
            _ => throw new InvalidOperationException("Torn."),
            task =>
            {
                task.Retry.Delay = task.Retry.MaxDelay = TimeSpan.FromHours(1);
                task.Retry.Jitter = false;
            });

        var run = await queue.Client.Run(new Work());

        var waiting = await TaskQueueFixture.Until(run, TaskState.Retrying);
        Assert.InRange(waiting.NextAttemptAt!.Value - waiting.Attempts[^1].EndedAt!.Value, TimeSpan.FromHours(0.99), TimeSpan.FromHours(1.01));
        Assert.Equal(("Torn.", 1), (waiting.Error?.Message, waiting.Attempt));
    }

    [Fact]
    public async Task A_next_attempt_does_not_start_before_its_time()
    {
        await using var queue = await StartWork(
            context => context.Attempt == 1 ? throw new RetryTaskException(TimeSpan.FromMilliseconds(250)) : Task.CompletedTask);

        var run = await queue.Client.Run(new Work());

        var attempts = (await TaskQueueFixture.EndOf(run)).Attempts;
        Assert.InRange(attempts[1].StartedAt - attempts[0].EndedAt!.Value, TimeSpan.FromMilliseconds(249), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_handler_that_rejects_its_run_ends_it_at_once()
    {
        await using var queue = await StartWork(_ => throw new RejectTaskException("No such file."), RetryQuickly);

        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.Rejected, 1), (end.State, end.FailureKind, end.Attempt));
        Assert.Equal("No such file.", end.Error?.Message);
    }

    [Fact]
    public async Task An_exception_that_is_not_to_be_retried_ends_the_run_at_once()
    {
        await using var queue = await StartWork(_ => throw new FileNotFoundException("No such file."), task => task.Retry.Never<IOException>());

        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.HandlerError, 1), (end.State, end.FailureKind, end.Attempt));
    }

    [Fact]
    public async Task A_run_that_is_revoked_between_attempts_is_not_tried_again()
    {
        await using var queue = await StartWork(_ => throw new RetryTaskException(TimeSpan.FromHours(1)));
        var run = await queue.Client.Run(new Work());
        await TaskQueueFixture.Until(run, TaskState.Retrying);

        var revoked = await run.Revoke("Not needed.");

        Assert.Equal((TaskState.Revoked, "Not needed.", 1), (revoked.State, revoked.RevokeReason, revoked.Attempt));
    }

    [Fact]
    public async Task A_run_that_is_revoked_while_it_runs_is_not_tried_again()
    {
        var gate = new Gate();
        await using var queue = await StartWork(async _ =>
        {
            await gate.Pass();
            throw new InvalidOperationException("Torn.");
        });
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        await run.Revoke();
        gate.Open();

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Revoked, 1), (end.State, end.Attempt));
    }

    private static void RetryQuickly(TaskOptions task)
    {
        task.Retry.MaxAttempts = 4;
        task.Retry.Delay = TimeSpan.FromMilliseconds(5);
    }
}
