using System.Diagnostics;

namespace TasksBus.Benchmarks.Workloads;

/// <summary>Runs that report their progress, one report after the other, each followed by a watcher. Reports in quick succession are merged unless the interval is 0.</summary>
internal static class Progress
{
    private const int DefaultRuns = 200;
    private const int Reports = 20;

    public static async Task Measure(Bench bench)
    {
        var n = bench.Number ?? DefaultRuns;
        await using var stage = await Stage.Set(bench);
        var client = stage.Client;
        await Follow(client, n);

        var cpu = stage.Measure();
        var time = Stopwatch.StartNew();
        var seen = await Follow(client, n);
        bench.Report("progress_updates", n * Reports / time.Elapsed.TotalSeconds, "updates/s", n * Reports, cpu.PerRun(n * Reports));
        bench.Report("progress_events_seen", seen, "events", n * Reports);
    }

    private static async Task<int> Follow(ITaskClient client, int n)
    {
        var seen = 0;
        var runs = await client.RunMany(Enumerable.Repeat(new Report(Reports), n));
        await Task.WhenAll(runs.Select(async run =>
        {
            TaskProgress? latest = null;
            await foreach (var snapshot in run.Watch())
            {
                if (snapshot.Progress != latest)
                    Interlocked.Increment(ref seen);
                latest = snapshot.Progress;
            }

            if (latest?.Done != Reports)
                throw new InvalidOperationException($"Run {run.RunId} ended at {latest}.");
        }));
        return seen;
    }
}
