using System.Diagnostics;

using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>Worker processes that have had their time.</summary>
public sealed class RecyclingTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Workers_that_are_recycled_after_a_number_of_runs_lose_none()
    {
        await using var queue = await SupervisedQueue.Start("--workers 2 --max-runs 20", "--Concurrency 4", ready: 2);

        var ends = await SupervisedQueue.EndsOf(await queue.Submit(runs: 120, milliseconds: 100));
        await queue.Supervisor.Signal("TERM");
        await queue.Supervisor.End();

        var workers = ends.CountBy(end => end.Worker!).ToDictionary();
        output.WriteLine($"120 runs on {workers.Count} workers, at most {workers.Values.Max()} on one.");
        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count)));
        Assert.All(workers.Values, runs => Assert.InRange(runs, 1, 30));
        Assert.DoesNotContain(queue.Supervisor.Seen, line => line.Contains("next try", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_takes_too_much_memory_finishes_what_it_holds_and_is_replaced()
    {
        await using var queue = await SupervisedQueue.Start("--workers 1 --max-memory 300MB");
        var held = (await queue.Submit(runs: 1, milliseconds: 4_000))[0];
        await SupervisedQueue.Until(held, TaskState.Running);

        await queue.Client.Run(new Hoard(400));
        var end = await queue.Supervisor.Line("ended");

        Assert.Contains("with exit code 0; the next one starts", end, StringComparison.Ordinal);
        Assert.Equal((TaskState.Succeeded, 1), (await held.Snapshot() is var run ? run.State : default, run.Attempts.Count));
        await queue.Supervisor.Line("ready");
    }

    [Fact]
    public async Task A_handler_that_does_not_end_at_its_hard_limit_ends_with_its_process_and_nothing_else_suffers()
    {
        await using var queue = await SupervisedQueue.Start("--workers 1 --isolate", "--CancellationGrace 00:00:00.5");
        var others = await queue.Submit(runs: 4, milliseconds: 5_000);
        foreach (var other in others)
            await SupervisedQueue.Until(other, TaskState.Running);

        var hanging = await queue.Client.Run(new Hang(), new RunOptions { HardTimeLimit = TimeSpan.FromSeconds(1) });
        var end = await hanging.Completion(SupervisedQueue.Patience);
        var ends = await SupervisedQueue.EndsOf(others);
        var since = Stopwatch.GetTimestamp();
        await queue.Supervisor.Line("ended");
        output.WriteLine($"The process ended {Stopwatch.GetElapsedTime(since).TotalSeconds:F1} s after the last of the others.");
        await SupervisorProcess.HasEnded(queue.Supervisor.Workers[0]);
        await queue.Supervisor.Line("ready");

        Assert.Equal((TaskState.Failed, FailureKind.TimedOut), (end.State, end.FailureKind));
        Assert.All(ends, other => Assert.Equal((TaskState.Succeeded, 1), (other.State, other.Attempts.Count)));
        Assert.Equal(2, queue.Supervisor.Workers.Count);
    }

    [Fact]
    public async Task The_number_of_workers_follows_the_runs_that_wait()
    {
        await using var queue = await SupervisedQueue.Start("--min 1 --max 3 --backlog 5 --shrink-after 1", "--Concurrency 2 --ShutdownTimeout 00:00:00");
        var runs = new List<TaskHandle>();
        for (var third = queue.Supervisor.Line("[3] ready"); !third.IsCompletedSuccessfully; await Task.WhenAny(third, Task.Delay(TimeSpan.FromSeconds(1))))
            runs.AddRange(await queue.Submit(runs: 20, milliseconds: 500));
        var held = await queue.Submit(runs: 6, milliseconds: 6_000);

        await queue.Supervisor.Lines("one less", 2);
        var ends = await SupervisedQueue.EndsOf([.. runs, .. held]);
        await queue.Supervisor.Signal("TERM");
        await queue.Supervisor.End();

        Assert.Equal(3, queue.Supervisor.Workers.Count);
        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count)));
    }
}
