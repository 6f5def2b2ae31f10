namespace TasksBus.Cli.Tests.Supervision;

/// <summary>Worker processes that are kept alive.</summary>
public sealed class SuperviseTests
{
    [Fact]
    public async Task A_worker_that_dies_is_replaced()
    {
        await using var queue = await SupervisedQueue.Start("--workers 2", ready: 2);
        var runs = await queue.Submit(runs: 20, milliseconds: 1_000);
        await SupervisedQueue.Until(runs[0], TaskState.Running);

        await SupervisorProcess.Send("KILL", queue.Supervisor.Workers[0]);
        var death = await queue.Supervisor.Line("ended");
        await queue.Supervisor.Line("ready");

        Assert.Contains("by signal 9", death, StringComparison.Ordinal);
        Assert.Equal(3, queue.Supervisor.Workers.Count);
        Assert.All(await SupervisedQueue.EndsOf(runs), end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt)));
    }

    [Fact]
    public async Task All_workers_end_with_their_supervisor_and_hand_nothing_over_that_they_can_finish()
    {
        await using var queue = await SupervisedQueue.Start("--workers 2", ready: 2);
        var runs = await queue.Submit(runs: 8, milliseconds: 2_000);
        foreach (var run in runs)
            await SupervisedQueue.Until(run, TaskState.Running);

        await queue.Supervisor.Signal("TERM");
        var code = await queue.Supervisor.End();

        Assert.Equal((0, "supervise: stopped"), (code, queue.Supervisor.Seen[^1]));
        Assert.All(await SupervisedQueue.EndsOf(runs), end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count)));
    }

    [Fact]
    public async Task A_second_signal_makes_the_workers_hand_over_what_they_hold()
    {
        await using var queue = await SupervisedQueue.Start("--workers 1");
        var run = (await queue.Submit(runs: 1, milliseconds: 20_000))[0];
        await SupervisedQueue.Until(run, TaskState.Running);

        await queue.Supervisor.Signal("TERM");
        await queue.Supervisor.Line("[1] stopping");
        await queue.Supervisor.Signal("TERM");
        await queue.Supervisor.End();

        var state = await run.Snapshot();
        Assert.Equal((TaskState.Pending, 0), (state.State, state.Attempts.Count(attempt => attempt.Error is not null)));
    }

    [Fact]
    public async Task Workers_that_do_not_end_in_time_are_killed()
    {
        await using var supervisor = SupervisorProcess.Start("--stop-timeout", "1", "--", "sh", "-c", "trap '' TERM; echo deaf; while true; do sleep 1; done");
        await supervisor.Line("deaf");

        await supervisor.Signal("TERM");
        await supervisor.Line("1 workers have not ended in time and are killed");

        Assert.Equal(0, await supervisor.End());
        Assert.Contains(supervisor.Seen, line => line.Contains("by signal 9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Workers_end_when_their_supervisor_is_killed()
    {
        await using var queue = await SupervisedQueue.Start("--workers 2", ready: 2);

        await queue.Supervisor.Signal("KILL");

        foreach (var worker in queue.Supervisor.Workers)
            await SupervisorProcess.HasEnded(worker);
    }

    [Fact]
    public async Task A_command_that_ends_at_once_is_tried_again_after_growing_waits_and_its_errors_are_told()
    {
        await using var supervisor = SupervisorProcess.Start("--", "sh", "-c", "echo no licence >&2; exit 3");

        var first = await supervisor.Line("ended");
        var second = await supervisor.Line("ended");
        await supervisor.Signal("TERM");

        Assert.EndsWith("with exit code 3; next try in 1 s. Its last errors: no licence", first, StringComparison.Ordinal);
        Assert.EndsWith("with exit code 3; next try in 2 s. Its last errors: no licence", second, StringComparison.Ordinal);
        Assert.Equal(0, await supervisor.End());
    }

    [Fact]
    public async Task A_backlog_that_can_never_be_counted_ends_the_supervisor_with_the_way_out()
    {
        var prefix = $"test-{Guid.NewGuid():N}";
        await using var workers = new TaskQueueConnection(SupervisedQueue.Redis, partitions: 4, prefix);
        await workers.Monitor.Count(TaskState.Pending);

        await using var supervisor = SupervisorProcess.Start("--max", "2", "--redis", SupervisedQueue.Redis, "--prefix", prefix, "--", "sleep", "600");

        Assert.Equal(1, await supervisor.End());
        Assert.Contains(supervisor.Seen, line => line.StartsWith("tasks supervise cannot count", StringComparison.Ordinal) && line.Contains("Configure 4", StringComparison.Ordinal) && line.Contains("--redis-partitions", StringComparison.Ordinal));
        Assert.Contains(supervisor.Seen, line => line.Contains("by signal 15", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(127, "cannot start 'nosuch'", "--", "nosuch")]
    [InlineData(127, "cannot start '/etc/passwd'", "--", "/etc/passwd")]
    [InlineData(1, "--workers is 0. Give 1 to 1000.", "--workers", "0", "--", "true")]
    [InlineData(1, "--workers is many. Give 1 to 1000.", "--workers", "many", "--", "true")]
    [InlineData(1, "'--workers'", "--workers", "2", "--workers", "3", "--", "true")]
    [InlineData(1, "--redis-partitions is x. Give 1 to 1024.", "--redis-partitions", "x", "--", "true")]
    [InlineData(1, "tasks supervise has no option '--wrkers'. Did you mean '--workers'?", "--wrkers", "3", "--", "true")]
    [InlineData(1, "--max-memory is '1KB'. Give a size of 1MB or more", "--max-memory", "1KB", "--", "true")]
    [InlineData(1, "--min is 3, more than --max, 2", "--min", "3", "--max", "2", "--", "true")]
    [InlineData(1, "got --workers, a fixed number", "--workers", "3", "--max", "2", "--", "true")]
    [InlineData(1, "Give --redis host:port", "--max", "2", "--redis", "", "--", "true")]
    public async Task A_mistake_in_the_command_is_told_with_the_way_out(int exitCode, string message, params string[] arguments)
    {
        await using var supervisor = SupervisorProcess.Start(arguments);

        Assert.Equal(exitCode, await supervisor.End());
        Assert.Contains(supervisor.Seen, line => line.Contains(message, StringComparison.Ordinal));
    }
}
