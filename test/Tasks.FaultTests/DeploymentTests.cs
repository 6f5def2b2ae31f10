using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Workers that are asked to stop, and replaced.</summary>
public sealed class DeploymentTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Rolling_restarts_lose_no_run_and_burn_no_attempt()
    {
        var (count, restarts) = (Scale.Of(1_000, 20_000), Scale.Of(2, 10));
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16", "--ShutdownTimeout", "00:00:05");
        var runs = await fleet.Submit(count, milliseconds: Scale.Of(300, 600));
        var ends = Fleet.EndsOf(runs, TimeSpan.FromMinutes(10));

        var (meanwhile, longRuns) = (0, new List<TaskHandle>());
        for (var restart = 0; restart < restarts; restart++)
        {
            // Longer than a worker waits that stops.
            var held = await fleet.Client.RunMany(Enumerable.Range(0, 8).Select(index => new Tick(index, 12_000)), new RunOptions { Priority = 9 });
            longRuns.AddRange(held);
            foreach (var run in held)
                await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);
            meanwhile += (await held[^1].Snapshot()).State == TaskState.Running ? 1 : 0;
            foreach (var worker in fleet.Workers.ToList())
            {
                var took = await worker.Stop();
                Assert.True(took < Scale.Within(TimeSpan.FromSeconds(30)), $"A worker took {took} to stop.");
                await fleet.Replace(worker);
            }
        }

        var longEnds = await Fleet.EndsOf(longRuns, TimeSpan.FromMinutes(10));
        output.WriteLine(
            $"{count} runs, {restarts} restarts of {fleet.Workers.Count} workers, {meanwhile} of them begun while there was work; " +
            $"{longEnds.Count(end => end.Attempts.Count > 1)} of {longEnds.Count} longer runs were handed over.");
        Assert.Equal(restarts, meanwhile);
        Assert.All(await ends, end => Assert.Equal((TaskState.Succeeded, 1, 1), (end.State, end.Attempt, end.Attempts.Count)));
        Assert.All(longEnds, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt)));
        Assert.All(longEnds.SelectMany(end => end.Attempts), attempt => Assert.Null(attempt.Error));
        Assert.Contains(longEnds, end => end.Attempts.Count > 1);
    }

    [Fact]
    public async Task A_worker_that_stops_gives_back_at_once_what_waits_for_its_turn()
    {
        await using var fleet = await Fleet.Start(workers: 1, "--Execution", "OneAtATime");
        var runs = await fleet.Submit(runs: 2, milliseconds: 15_000);
        foreach (var run in runs)
            await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);
        await fleet.AddWorker();

        var took = await fleet.Workers[0].Stop();
        var ends = (await Fleet.EndsOf(runs)).OrderBy(end => end.Attempts.Count).ToList();

        output.WriteLine($"The worker stopped in {took.TotalSeconds:F1} s; the run that waited began elsewhere {(ends[0].FinishedAt - ends[1].Attempts[^1].StartedAt)?.TotalSeconds:F1} s before the other one ended.");
        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt)));
        Assert.Equal((1, 2), (ends[0].Attempts.Count, ends[1].Attempts.Count));
        Assert.True(ends[1].Attempts[1].StartedAt < ends[0].FinishedAt, "It waited for the end of the other one.");
    }

    [Fact]
    public async Task A_long_run_goes_on_elsewhere_when_its_worker_stops_without_burning_an_attempt()
    {
        await using var fleet = await Fleet.Start(workers: 2, "--ShutdownTimeout", "00:00:01");
        var run = (await fleet.Submit(runs: 1, milliseconds: 15_000))[0];
        var took = await (await WorkerOf(fleet, run)).Stop();
        var end = await run.Completion(Fleet.Patience);

        output.WriteLine($"The worker stopped in {took.TotalSeconds:F1} s.");
        Assert.Equal((TaskState.Succeeded, 1, 2), (end.State, end.Attempt, end.Attempts.Count));
        Assert.Null(end.Attempts[0].Error);
    }

    [Fact]
    public async Task A_worker_that_is_asked_a_second_time_hands_its_runs_over_at_once()
    {
        await using var fleet = await Fleet.Start(workers: 2, "--ShutdownTimeout", "00:01:00");
        var run = (await fleet.Submit(runs: 1, milliseconds: 15_000))[0];
        var took = await (await WorkerOf(fleet, run)).Stop(asksTwice: true);
        var end = await run.Completion(Fleet.Patience);

        output.WriteLine($"The worker stopped in {took.TotalSeconds:F1} s.");
        Assert.Equal((TaskState.Succeeded, 1, 2), (end.State, end.Attempt, end.Attempts.Count));
        Assert.Null(end.Attempts[0].Error);
        Assert.True(took < Scale.Within(TimeSpan.FromSeconds(5)), $"It took {took}.");
    }

    /// <summary>The worker that runs it, once one does.</summary>
    private static async Task<WorkerProcess> WorkerOf(Fleet fleet, TaskHandle run)
    {
        await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);
        var name = (await run.Snapshot()).Worker!;
        return fleet.Workers.Single(worker => name.Contains($"-{worker.ProcessId}-", StringComparison.Ordinal));
    }
}
