namespace TasksBus.Tests;

/// <content>Attempts that take too long.</content>
public abstract partial class TaskQueueBehaviour
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task An_attempt_beyond_its_time_limit_has_its_token_cancelled_and_has_timed_out()
    {
        await using var queue = await Start(queue => queue.AddTask(WaitForCancellation, Limited(task => task.TimeLimit = Soon)));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal((TaskState.Failed, FailureKind.TimedOut, 2), (end.State, end.FailureKind, end.Attempt));
        Assert.Equal(typeof(TaskTimeLimitException).FullName, end.Error?.Type);
        Assert.Contains("longer than 00:00:00.1", end.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_returns_after_its_time_limit_has_succeeded()
    {
        await using var queue = await Start(queue => queue.AddTask(
            async (Add task, CancellationToken token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return task.X + task.Y;
            },
            task => task.TimeLimit = Soon));

        var run = await queue.Client.Run(new Add(1, 2));

        Assert.Equal(3, await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_handler_that_ignores_its_time_limit_is_left_behind()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => options.CancellationGrace = Soon)
            .AddTask((Work _) => gate.Pass(), Limited(task => task.TimeLimit = Soon)));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal((TaskState.Failed, FailureKind.TimedOut), (end.State, end.FailureKind));
        gate.Open();
    }

    [Fact]
    public async Task A_handler_is_left_behind_at_its_hard_time_limit()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => options.CancellationGrace = TimeSpan.FromHours(1))
            .AddTask((Work _) => gate.Pass(), Limited(task => (task.TimeLimit, task.HardTimeLimit) = (Soon, 2 * Soon))));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal((TaskState.Failed, FailureKind.TimedOut, 2), (end.State, end.FailureKind, end.Attempt));
        gate.Open();
    }

    [Fact]
    public async Task A_run_can_be_given_a_time_limit_of_its_own_that_holds_for_later_attempts_too()
    {
        await using var queue = await Start(queue => queue.AddTask(WaitForCancellation, Limited(task => task.TimeLimit = TimeSpan.FromHours(1))));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work(), new RunOptions { TimeLimit = Soon }));

        Assert.Equal((FailureKind.TimedOut, 2), (end.FailureKind, end.Attempt));
    }

    [Fact]
    public async Task A_worker_has_a_time_limit_for_tasks_that_say_nothing()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.HardTimeLimit = Soon)
            .AddTask(WaitForCancellation, Limited(_ => { })));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal(FailureKind.TimedOut, end.FailureKind);
    }

    [Theory]
    [InlineData(0, null, "TimeLimit is 00:00:00")]
    [InlineData(-1, null, "TimeLimit is -00:00:01")]
    [InlineData(null, 0, "HardTimeLimit is 00:00:00")]
    [InlineData(2, 1, "HardTimeLimit is 00:00:01, shorter than TimeLimit, 00:00:02")]
    public async Task A_time_limit_that_cannot_be_is_refused(int? soft, int? hard, string expected)
    {
        await using var queue = await Start(queue => queue.AddTask((Work _) => { }));
        var options = new RunOptions { TimeLimit = Seconds(soft), HardTimeLimit = Seconds(hard) };

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Work(), options));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static Task WaitForCancellation(Work _, CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

    private static Action<TaskOptions> Limited(Action<TaskOptions> configure) => task =>
    {
        (task.Retry.MaxAttempts, task.Retry.Delay) = (2, TimeSpan.Zero);
        configure(task);
    };

    private static TimeSpan? Seconds(int? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
