using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

public class WaitForTests
{
    [Fact]
    public async Task A_state_that_a_run_has_passed_through_counts()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());
        var run = await fixture.Harness.Client.Run(new Greet("Ada"));
        await run.Completion();

        var running = await fixture.Harness.WaitFor(run.RunId, TaskState.Running);

        Assert.Equal((TaskState.Running, 1), (running.State, running.Attempt));
    }

    [Fact]
    public async Task A_run_may_be_submitted_after_the_wait_for_it_began()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());
        var harness = fixture.Harness;
        var options = new RunOptions { RunId = Guid.NewGuid() };

        var wait = harness.WaitFor(options.RunId.Value, TaskState.Succeeded);
        await harness.Client.Run(new Greet("Ada"), options);

        Assert.Equal("\"Hello, Ada!\"", (await wait).Result!.ToString());
    }

    [Fact]
    public async Task A_run_that_waits_for_the_clock_is_told_with_its_history_and_the_way_out()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Fail, task => task.Retry.Jitter = false));
        var harness = fixture.Harness;
        var run = await harness.Client.Run(new Import("a.csv"));
        await harness.WaitFor(run.RunId, TaskState.Retrying);

        var error = await Assert.ThrowsAsync<StateNotReachedException>(() => harness.WaitFor(run.RunId, TaskState.Failed, TimeSpan.Zero));

        var now = harness.Clock.GetUtcNow();
        Assert.Equal(
            $"""
            It was not Failed within 00:00:00. Run {run.RunId} of task 'TasksBus.Tests.Testing.Import' is Retrying, next at {now.AddSeconds(1):O}, after attempt 1 of 4: System.InvalidOperationException: a.csv is broken. It waits for 00:00:01 to pass on the clock: move it with Advance.
            Its history, at {now:O} of the test's clock:
              {now:O} Running, attempt 1 of 4
              {now:O} Retrying, next at {now.AddSeconds(1):O}, after attempt 1 of 4: System.InvalidOperationException: a.csv is broken
            """,
            WithoutPending(error.Message));
        Assert.Equal(TaskState.Retrying, error.Run.State);
    }

    /// <summary>A worker may claim a run before its submission is recorded: then it was never seen pending.</summary>
    private static string WithoutPending(string message) =>
        string.Join('\n', message.Split('\n').Where(line => !line.EndsWith(" Pending", StringComparison.Ordinal)));

    [Fact]
    public async Task A_run_that_has_ended_otherwise_is_not_waited_for()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Fail, task => task.Retry.MaxAttempts = 1));
        var harness = fixture.Harness;
        var run = await harness.Client.Run(new Import("a.csv"));

        var error = await Assert.ThrowsAsync<StateNotReachedException>(() => harness.WaitFor(run.RunId, TaskState.Succeeded, TimeSpan.FromMinutes(10)));

        Assert.StartsWith($"It will not become Succeeded any more. Run {run.RunId} of task 'TasksBus.Tests.Testing.Import' is Failed (HandlerError)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_run_is_told_as_such()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());
        var runId = Guid.NewGuid();

        var error = await Assert.ThrowsAsync<StateNotReachedException>(() => fixture.Harness.WaitFor(runId, TaskState.Succeeded, TimeSpan.Zero));

        Assert.StartsWith($"It was not Succeeded within 00:00:00. Nothing is known of run {runId}", error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.NotFound, error.Run.State);
    }

    [Fact]
    public async Task The_result_of_a_run_is_waited_for()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());
        var run = await fixture.Harness.Client.Run(new Greet("Ada"));

        var result = await fixture.Harness.Result<string>(run.RunId);

        Assert.Equal("Hello, Ada!", result);
    }

    [Fact]
    public async Task The_result_of_a_run_that_failed_is_its_failure()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(Handlers.Fail, task => task.Retry.MaxAttempts = 1));
        var run = await fixture.Harness.Client.Run(new Import("a.csv"));

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => fixture.Harness.Result<string>(run.RunId));

        Assert.Equal("a.csv is broken", error.RemoteMessage);
    }
}
