using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Workers that live and do not answer, or seem not to.</summary>
public sealed class SilentWorkerTests(ITestOutputHelper output)
{
    private const string Lease = "00:00:02";

    [Fact]
    public async Task The_runs_of_a_paused_worker_are_taken_over_after_its_lease_and_what_it_writes_later_is_refused()
    {
        for (var round = 0; round < Scale.Of(1, 50); round++)
        {
            await using var fleet = await Fleet.Start(workers: 1, "--Lease", Lease);
            var run = (await fleet.Submit(runs: 1, milliseconds: 1_000))[0];
            await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);
            await fleet.Workers[0].Pause();
            var paused = (await run.Snapshot()).Worker;
            await fleet.AddWorker();

            var end = await run.Completion(Fleet.Patience);
            await fleet.Workers[0].Resume();

            // It stops only when its attempt has ended, which then has tried to record its outcome.
            await fleet.Workers[0].Stop();
            var later = await run.Snapshot();

            Assert.Equal((TaskState.Succeeded, 1, 2), (end.State, end.Attempt, end.Attempts.Count));
            Assert.NotEqual(paused, end.Worker);
            Assert.Equal((end.Version, end.Worker), (later.Version, later.Worker));
            output.WriteLine($"Round {round}: taken over {(end.Attempts[1].StartedAt - end.Attempts[0].StartedAt).TotalSeconds:F1} s after its start.");
        }
    }

    [Fact]
    public async Task A_worker_whose_thread_pool_is_blocked_does_not_look_dead()
    {
        await using var fleet = await Fleet.Start(workers: 2, "--Lease", Lease, "--Concurrency", "64");

        var runs = await fleet.Client.RunMany(Enumerable.Range(0, 96).Select(_ => new Block(4_000)));
        var ends = await Fleet.EndsOf(runs, TimeSpan.FromMinutes(5));

        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count)));
    }
}
