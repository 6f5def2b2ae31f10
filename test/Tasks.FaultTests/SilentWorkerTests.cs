using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Workers that live and do not answer, or seem not to.</summary>
public sealed class SilentWorkerTests(ITestOutputHelper output)
{
    private const int Steps = 80;

    [Fact]
    public async Task The_runs_of_a_paused_worker_are_taken_over_after_its_lease_and_what_it_writes_later_is_refused()
    {
        for (var round = 0; round < Scale.Of(1, 50); round++)
        {
            await using var fleet = await Fleet.Start(workers: 1, "--Lease", "00:00:05");
            var run = await fleet.Client.Run(new Note(Steps));
            await Fleet.Until(run, snapshot => snapshot.Progress is not null);
            await fleet.Workers[0].Pause();
            var paused = (await run.Snapshot()).Worker;
            await fleet.AddWorker();

            // Both write now: the one in whose hands the run is, and the one that has not heard of it.
            await Fleet.Until(run, snapshot => snapshot.Attempts.Count > 1);
            await fleet.Workers[0].Resume();
            var end = await run.Completion(Fleet.Patience);
            var refusals = await fleet.Refusals(run.RunId, atLeast: 1);
            Assert.True(refusals > 0, "None of its writes of data was refused.");
            await fleet.Workers[0].Stop();
            var later = await run.Snapshot();

            Assert.Equal((TaskState.Succeeded, 1, 2), (end.State, end.Attempt, end.Attempts.Count));
            Assert.NotEqual(paused, end.Worker);
            Assert.Equal((end.Worker, end.Worker, Steps), (end.Result!.As<string>(), end.Progress!.Message, end.Progress.Done));
            Assert.Equal((end.Version, end.Worker, end.Progress, end.Worker), (later.Version, later.Worker, later.Progress, later.Data!.As<string>()));
            output.WriteLine($"Round {round}: taken over {(end.Attempts[1].StartedAt - end.Attempts[0].StartedAt).TotalSeconds:F1} s after its start; {refusals} writes of data refused.");
        }
    }

    [Fact]
    public async Task A_worker_whose_thread_pool_is_blocked_does_not_look_dead()
    {
        await using var fleet = await Fleet.Start(workers: 2, "--Lease", "00:00:08", "--Concurrency", "64");

        var runs = await fleet.Client.RunMany(Enumerable.Range(0, 96).Select(_ => new Block(12_000)));
        var ends = await Fleet.EndsOf(runs, TimeSpan.FromMinutes(5));

        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count)));
    }
}
