using System.Diagnostics;

using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Workers that die.</summary>
public sealed class KilledWorkerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_runs_of_a_killed_worker_continue_elsewhere_within_five_seconds()
    {
        // Its silence tells, not its leases: they are far from over.
        await using var fleet = await Fleet.Start(workers: 1, "--Lease", "00:10:00");
        var runs = await fleet.Submit(runs: 8, milliseconds: 15_000);
        foreach (var run in runs)
            await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);
        await fleet.AddWorker();

        await fleet.Workers[0].Kill();
        var killedAt = Stopwatch.GetTimestamp();
        foreach (var run in runs)
            await Fleet.Until(run, snapshot => snapshot.Attempts.Count > 1);
        var rescued = Stopwatch.GetElapsedTime(killedAt);

        output.WriteLine($"8 runs were taken over {rescued.TotalSeconds:F1} s after the kill.");
        Assert.True(rescued < Scale.Within(TimeSpan.FromSeconds(5)), $"It took {rescued}.");
        Assert.All(await Fleet.EndsOf(runs), end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt)));
    }

    [Fact]
    public async Task No_run_is_lost_while_one_worker_after_the_other_is_killed()
    {
        var (count, kills) = (Scale.Of(600, 20_000), Scale.Of(4, 20));
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16");
        var runs = await fleet.Submit(count, milliseconds: Scale.Of(400, 200));
        var ends = Fleet.EndsOf(runs, TimeSpan.FromMinutes(10));

        var killed = 0;
        for (; killed < kills && !ends.IsCompleted; killed++)
        {
            await Task.WhenAny(ends, Task.Delay(TimeSpan.FromSeconds(2)));
            var victim = fleet.Workers[Random.Shared.Next(fleet.Workers.Count)];
            await victim.Kill();
            await fleet.Replace(victim);
        }

        var lastKill = Stopwatch.GetTimestamp();
        await ends;
        var took = Stopwatch.GetElapsedTime(lastKill);
        var states = (await ends).CountBy(end => end.State).ToDictionary();
        output.WriteLine($"{count} runs, {killed} kills: {string.Join(", ", states)}; all ended {took.TotalSeconds:F0} s after the last one.");
        Assert.True(took < Scale.Within(TimeSpan.FromSeconds(60)), $"The last one ended {took} after the last kill.");
        Assert.Equal(count, states.GetValueOrDefault(TaskState.Succeeded) + states.GetValueOrDefault(TaskState.Failed));
        var again = await Fleet.EndsOf(runs);
        Assert.Equal((await ends).Select(end => (end.State, end.Version)), again.Select(end => (end.State, end.Version)));
        Assert.All((await ends).Where(end => end.State == TaskState.Failed), end => Assert.Equal(FailureKind.WorkerLost, end.FailureKind));
        Assert.All((await ends).Where(end => end.State == TaskState.Succeeded), end => Assert.Equal(end.Arguments!.As<Tick>()!.Index, end.Result!.As<int>()));
    }

    [Fact]
    public async Task Runs_that_fall_due_while_workers_are_killed_start_once_it_is_time_and_none_is_lost()
    {
        var (count, seconds) = (Scale.Of(600, 10_000), Scale.Of(6, 60));
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16");
        var dueAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(4);
        var runs = new List<TaskHandle<int>>();
        for (var second = 0; second < seconds; second++)
        {
            var due = new RunOptions { NotBefore = dueAt + TimeSpan.FromSeconds(second) };
            runs.AddRange(await fleet.Client.RunMany(Enumerable.Range(0, count / seconds).Select(index => new Tick(index, 10)), due));
        }

        var (ends, kills) = (Fleet.EndsOf(runs, TimeSpan.FromMinutes(5)), 0);
        for (; !ends.IsCompleted; kills++)
        {
            await Task.WhenAny(ends, Task.Delay(TimeSpan.FromSeconds(2)));
            var victim = fleet.Workers[Random.Shared.Next(fleet.Workers.Count)];
            await victim.Kill();
            await fleet.Replace(victim);
        }

        output.WriteLine($"{count} runs over {seconds} s, {kills} kills: {string.Join(", ", (await ends).CountBy(end => end.State))}");
        Assert.All(await ends, end => Assert.Equal(TaskState.Succeeded, end.State));
        Assert.All(await ends, end => Assert.True(end.StartedAt >= end.NotBefore, $"It started at {end.StartedAt:O}, before {end.NotBefore:O}."));
    }

    [Fact]
    public async Task A_run_that_kills_its_workers_fails_after_three_and_the_others_finish()
    {
        await using var fleet = await Fleet.Start(workers: 1, "--Concurrency", "16");
        var crash = await fleet.Client.Run(new Crash(1));
        var good = await fleet.Submit(Scale.Of(200, 5_000), milliseconds: 5);
        var crashed = crash.Completion(TimeSpan.FromMinutes(5));

        var crashes = 0;
        while (!crashed.IsCompleted)
        {
            await Task.WhenAny(crashed, Task.Delay(TimeSpan.FromMilliseconds(100)));
            if (!fleet.Workers[0].HasExited)
                continue;
            crashes++;
            await fleet.Replace(fleet.Workers[0]);
        }

        var end = await crashed;
        var ends = await Fleet.EndsOf(good, TimeSpan.FromMinutes(5));
        output.WriteLine($"The run ended after {crashes} crashes; beside it, {string.Join(", ", ends.CountBy(one => one.State))}. Its attempts: {string.Join("; ", end.Attempts.Select(attempt => $"{attempt.Worker} {attempt.StartedAt:T} to {attempt.EndedAt:T}"))}");
        Assert.Equal((TaskState.Failed, FailureKind.WorkerLost, 3), (end.State, end.FailureKind, crashes));
        Assert.NotNull(end.Arguments);
        Assert.All(ends, one => Assert.Equal(TaskState.Succeeded, one.State));
    }
}
