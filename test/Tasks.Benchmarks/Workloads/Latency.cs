using System.Diagnostics;

namespace TasksBus.Benchmarks.Workloads;

/// <summary>One run at a time: submit, wait for the result; nothing else runs.</summary>
internal static class Latency
{
    private const int DefaultRuns = 500;
    private const int WarmUpRuns = 500;

    public static async Task Measure(Bench bench)
    {
        var n = bench.Number ?? DefaultRuns;
        await using var stage = await Stage.Set(bench);
        var client = stage.Client;
        for (var i = 0; i < WarmUpRuns; i++)
            await RoundTrip(client, i);

        var cpu = stage.Measure();
        var times = new List<double>(n);
        for (var i = 0; i < n; i++)
            times.Add(await RoundTrip(client, i));

        times.Sort();
        bench.Report("latency_p50", times[n / 2], "ms", n, cpu.PerRun(n));
        bench.Report("latency_p95", times[n * 95 / 100], "ms", n);
        bench.Report("latency_p99", times[n * 99 / 100], "ms", n);
    }

    private static async Task<double> RoundTrip(ITaskClient client, int i)
    {
        var time = Stopwatch.StartNew();
        var run = await client.Run(new Add(i, i));
        if (await run.Result(TimeSpan.FromSeconds(10)) != 2 * i)
            throw new InvalidOperationException($"The result of run {run.RunId} is wrong.");
        return time.Elapsed.TotalMilliseconds;
    }
}
