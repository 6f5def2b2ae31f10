namespace TasksBus.Benchmarks.Workloads;

/// <summary>Runs that wait for one slot: how long it stays free between the end of an attempt and the start of the next.</summary>
internal static class Slots
{
    private const int DefaultRuns = 1_000;

    public static async Task Measure(Bench bench)
    {
        var n = bench.Number ?? DefaultRuns;
        await using var stage = await Stage.Set(bench);
        var client = stage.Client;
        foreach (var run in await client.RunMany(Enumerable.Range(0, n).Select(index => new TakeSlot(index))))
            await run.Completion();

        var cpu = stage.Measure();
        var runs = await client.RunMany(Enumerable.Range(0, n).Select(index => new TakeSlot(index)));
        var ends = await Task.WhenAll(runs.Select(run => run.Completion()));
        var attempts = ends.OrderBy(end => end.StartedAt).ToList();
        var gaps = attempts.Skip(1).Zip(attempts, (next, before) => (next.StartedAt!.Value - before.FinishedAt!.Value).TotalMilliseconds).Order().ToList();

        bench.Report("slot_free_p50", gaps[gaps.Count / 2], "ms", n, cpu.PerRun(n));
        bench.Report("slot_free_p99", gaps[gaps.Count * 99 / 100], "ms", n);
        bench.Report("slot_free_max", gaps[^1], "ms", n);
    }
}
