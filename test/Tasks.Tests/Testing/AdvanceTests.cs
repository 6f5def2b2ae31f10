using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

public class AdvanceTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task A_delayed_run_starts_when_the_clock_reaches_its_instant_and_not_before()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());
        var harness = fixture.Harness;
        var notBefore = harness.Clock.GetUtcNow() + TimeSpan.FromHours(3);
        var run = await harness.Client.Run(new Greet("Ada"), new RunOptions { NotBefore = notBefore });

        await harness.Advance(TimeSpan.FromHours(3) - Tick);
        var before = await run.Snapshot();
        await harness.Advance(Tick);
        var after = await run.Snapshot();

        Assert.Equal(TaskState.Scheduled, before.State);
        Assert.Equal(TaskState.Succeeded, after.State);
        Assert.Equal(notBefore, after.StartedAt);
    }

    [Fact]
    public async Task Retries_start_at_the_instants_that_their_backoff_gives()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Fail, task =>
        {
            task.Retry.Delay = TimeSpan.FromSeconds(10);
            task.Retry.Jitter = false;
        }));
        var harness = fixture.Harness;
        var start = harness.Clock.GetUtcNow();
        var run = await harness.Client.Run(new Import("a.csv"));

        await harness.Advance(TimeSpan.FromHours(1));

        var end = await run.Snapshot();
        Assert.Equal(TaskState.Failed, end.State);
        Assert.Equal([0, 10, 30, 70], end.Attempts.Select(attempt => (attempt.StartedAt - start).TotalSeconds));
    }

    [Fact]
    public async Task Between_attempts_a_run_shows_when_the_next_one_is_due()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Fail, task =>
        {
            task.Retry.Delay = TimeSpan.FromMinutes(1);
            task.Retry.Jitter = false;
        }));
        var harness = fixture.Harness;
        var start = harness.Clock.GetUtcNow();
        var run = await harness.Client.Run(new Import("a.csv"));

        var first = await harness.WaitFor(run.RunId, TaskState.Retrying);
        await harness.Advance(TimeSpan.FromMinutes(1));
        var second = await harness.WaitFor(run.RunId, TaskState.Retrying);

        Assert.Equal((1, start + TimeSpan.FromMinutes(1)), (first.Attempt, first.NextAttemptAt));
        Assert.Equal((2, start + TimeSpan.FromMinutes(3)), (second.Attempt, second.NextAttemptAt));
    }

    [Fact]
    public async Task Jitter_of_less_than_a_millisecond_does_not_stop_a_retry()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Fail, task => task.Retry.Delay = TimeSpan.FromTicks(5_000)));
        var harness = fixture.Harness;
        var run = await harness.Client.Run(new Import("a.csv"));

        await harness.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TaskState.Failed, (await run.Snapshot()).State);
    }

    [Fact]
    public async Task A_run_that_no_worker_has_taken_expires_with_the_clock()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Hang).Configure(options => options.Concurrency = 1));
        var harness = fixture.Harness;
        harness.Patience = TimeSpan.Zero;
        var busy = await harness.Client.Run(new Import("first.csv"));
        await harness.WaitFor(busy.RunId, TaskState.Running);
        var run = await harness.Client.Run(new Import("second.csv"), new RunOptions { ExpiresIn = TimeSpan.FromMinutes(5) });

        await harness.Advance(TimeSpan.FromMinutes(5) - Tick);
        var before = await run.Snapshot();
        await harness.Advance(Tick);
        var after = await run.Snapshot();

        Assert.Equal(TaskState.Pending, before.State);
        Assert.Equal((TaskState.Expired, 0), (after.State, after.Attempt));
    }

    [Fact]
    public async Task A_delayed_run_that_finds_no_free_worker_expires_with_the_clock()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Hang).Configure(options => options.Concurrency = 1));
        var harness = fixture.Harness;
        harness.Patience = TimeSpan.Zero;
        var busy = await harness.Client.Run(new Import("first.csv"));
        await harness.WaitFor(busy.RunId, TaskState.Running);
        var options = new RunOptions { Delay = TimeSpan.FromMinutes(1), ExpiresIn = TimeSpan.FromMinutes(5) };
        var run = await harness.Client.Run(new Import("second.csv"), options);

        await harness.Advance(TimeSpan.FromMinutes(5));

        var end = await run.Snapshot();
        Assert.Equal((TaskState.Expired, 0), (end.State, end.Attempt));
        Assert.Equal(end.ExpiresAt, end.FinishedAt);
    }

    [Fact]
    public async Task A_result_is_not_found_any_more_when_its_lifetime_has_passed()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>(task => task.ResultLifetime = TimeSpan.FromDays(1)));
        var harness = fixture.Harness;
        var run = await harness.Client.Run(new Greet("Ada"));
        await run.Completion();

        await harness.Advance(TimeSpan.FromDays(1) - Tick);
        var before = await run.Snapshot();
        await harness.Advance(Tick);
        var after = await harness.WaitFor(run.RunId, TaskState.NotFound);

        Assert.Equal(TaskState.Succeeded, before.State);
        Assert.Equal(TaskState.NotFound, after.State);
        Assert.Equal(0, await harness.Monitor.Count(TaskState.Succeeded));
    }

    [Fact]
    public async Task A_handler_that_sleeps_on_the_clock_is_woken_at_each_of_its_instants()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(async (Import _, TimeProvider clock, TaskContext context) =>
        {
            for (var minute = 1; minute <= 3; minute++)
            {
                await Task.Delay(TimeSpan.FromMinutes(1), clock, context.CancellationToken);
                await context.ReportProgress(minute, 3);
            }
        }));
        var harness = fixture.Harness;
        var start = harness.Clock.GetUtcNow();
        var run = await harness.Client.Run(new Import("a.csv"));

        await harness.Advance(TimeSpan.FromMinutes(10));

        var end = await run.Snapshot();
        Assert.Equal(TaskState.Succeeded, end.State);
        Assert.Equal(start + TimeSpan.FromMinutes(3), end.FinishedAt);
    }

    [Fact]
    public async Task An_attempt_keeps_its_lease_however_far_the_clock_is_moved()
    {
        var goOn = new TaskCompletionSource();
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask((Import _, CancellationToken cancellationToken) => goOn.Task.WaitAsync(cancellationToken)));
        var harness = fixture.Harness;
        harness.Patience = TimeSpan.Zero;
        var run = await harness.Client.Run(new Import("a.csv"));
        await harness.WaitFor(run.RunId, TaskState.Running);

        await harness.Advance(TimeSpan.FromDays(2));
        goOn.SetResult();

        var end = await run.Completion();
        Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt));
    }

    [Fact]
    public async Task Runs_that_were_submitted_just_before_have_ended_when_the_clock_starts_to_move()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());
        var harness = fixture.Harness;
        var start = harness.Clock.GetUtcNow();
        var runs = await harness.Client.RunMany(Enumerable.Range(0, 50).Select(number => new Greet($"{number}")));

        await harness.Advance(TimeSpan.FromSeconds(1));

        foreach (var run in runs)
            Assert.Equal(start, (await run.Snapshot()).FinishedAt);
    }

    [Fact]
    public async Task Moving_the_clock_of_a_harness_that_nobody_has_started_says_what_to_do()
    {
        await using var services = new ServiceCollection().AddTaskQueueTestHarness().BuildServiceProvider();
        var harness = services.GetRequiredService<ITaskQueueTestHarness>();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => harness.Advance(TimeSpan.FromSeconds(1)));

        Assert.Contains("call Start first", error.Message, StringComparison.Ordinal);
    }
}
