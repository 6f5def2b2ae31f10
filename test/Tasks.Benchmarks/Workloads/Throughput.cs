using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Benchmarks.Workloads;

/// <summary>No-op runs, results kept and checked. The embedded queue has a backlog and a worker at once, so there both are the same.</summary>
internal static class Throughput
{
    private const int DefaultRuns = 20_000;

    /// <summary>The worker starts when all runs wait: from the first result to the last.</summary>
    public static async Task Backlog(Bench bench)
    {
        if (bench.Servers is null)
            return;

        var n = bench.Number ?? DefaultRuns;
        bench = bench with { Prefix = bench.Prefix + "-b" };
        using var host = await StartWarm(bench);
        await using var worker = await BenchWorker.Prepare(bench);
        var cpu = CpuMeter.Start(bench, worker.ProcessId);

        var submitting = Stopwatch.StartNew();
        var runs = await host.Services.GetRequiredService<ITaskClient>().RunMany(Enumerable.Range(0, n).Select(i => new Add(i, i)));
        bench.Report("submit", n / submitting.Elapsed.TotalSeconds, "runs/s", n);

        var going = worker.Go();
        var first = await Until(host, done: 2);
        var draining = Stopwatch.StartNew();
        await Until(host, n + 1);
        bench.Report("throughput_backlog", (n + 1 - first) / draining.Elapsed.TotalSeconds, "runs/s", n, cpu.PerRun(n));
        await going;
        bench.Report("worker_memory", worker.ResidentMemory()!.Value, "MB", n);
        await Check(bench, runs);
        await host.StopAsync();
    }

    /// <summary>The worker is there from the start: from the first submission to the last result.</summary>
    public static async Task Steady(Bench bench)
    {
        var n = bench.Number ?? DefaultRuns;
        bench = bench with { Prefix = bench.Prefix + "-s" };
        await using var worker = await BenchWorker.Prepare(bench);
        await worker.Go();
        using var host = await StartWarm(bench);
        var before = await host.Services.GetRequiredService<ITaskMonitor>().Count(TaskState.Succeeded);
        var cpu = CpuMeter.Start(bench, worker.ProcessId);

        var working = Stopwatch.StartNew();
        var runs = await host.Services.GetRequiredService<ITaskClient>().RunMany(Enumerable.Range(0, n).Select(i => new Add(i, i)));
        await Until(host, before + n);
        bench.Report(bench.Servers is null ? "throughput_embedded" : "throughput_steady", n / working.Elapsed.TotalSeconds, "runs/s", n, cpu.PerRun(n));
        bench.Report("worker_memory", worker.ResidentMemory() ?? Process.GetCurrentProcess().WorkingSet64 / 1_048_576.0, "MB", n);
        await Check(bench, runs);
        await host.StopAsync();
    }

    /// <summary>The submitting process; it has submitted a few thousand runs elsewhere before it is measured.</summary>
    private static async Task<Microsoft.Extensions.Hosting.IHost> StartWarm(Bench bench)
    {
        using (var warmUp = await (bench with { Prefix = bench.Prefix + "-submit" }).Start(isWorker: true))
        {
            await BenchWorker.WarmUp(warmUp.Services.GetRequiredService<ITaskClient>());
            await warmUp.StopAsync();
        }

        return await bench.Start(isWorker: bench.Servers is null);
    }

    private static async Task<long> Until(Microsoft.Extensions.Hosting.IHost host, long done)
    {
        var monitor = host.Services.GetRequiredService<ITaskMonitor>();
        while (true)
        {
            var count = await monitor.Count(TaskState.Succeeded);
            if (count >= done)
                return count;
            await Task.Delay(5);
        }
    }

    private static async Task Check(Bench bench, IReadOnlyList<TaskHandle<int>> runs)
    {
        var wrong = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, runs.Count), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, token) =>
        {
            if (await runs[i].Result(TimeSpan.FromSeconds(10), token) != 2 * i)
                Interlocked.Increment(ref wrong);
        });
        bench.Report("missing_or_wrong_results", wrong, "runs", runs.Count);
    }
}
