using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Benchmarks.Workloads;

/// <summary>Runs that wait for an instant: how late their handlers start, and what a million that wait for tomorrow cost.</summary>
internal static class Delayed
{
    private const int DefaultRuns = 5_000;
    private const int ChunkSize = 20_000;

    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    public static async Task Measure(Bench bench)
    {
        var n = bench.Number ?? DefaultRuns;
        await using var worker = await BenchWorker.Prepare(bench);
        await worker.Go();
        using var host = await bench.Start(isWorker: bench.Servers is null);
        var client = host.Services.GetRequiredService<ITaskClient>();
        await BenchWorker.WarmUp(client);
        await Lateness(client, n);

        var servers = CpuMeter.Start(bench, worker.ProcessId);
        bench.Report("worker_memory", Memory(worker), "MB", 0);
        if (bench.Waiting > 0)
            await SubmitWaiting(bench, client, servers);
        bench.Report("worker_memory", Memory(worker), "MB", bench.Waiting);

        var cpu = CpuMeter.Start(bench, worker.ProcessId);
        var late = await Lateness(client, n);
        bench.Report("late_p50", late[n / 2], "ms", n, cpu.PerRun(n));
        bench.Report("late_p99", late[n * 99 / 100], "ms", n);
        bench.Report("late_max", late[^1], "ms", n);
        bench.Report("early", late.Count(time => time < 0), "runs", n);
        await host.StopAsync();
    }

    private static async Task SubmitWaiting(Bench bench, ITaskClient client, CpuMeter servers)
    {
        var tomorrow = new RunOptions { Delay = TimeSpan.FromDays(1) };
        var submitting = Stopwatch.StartNew();
        for (var done = 0; done < bench.Waiting; done += ChunkSize)
            await client.RunMany(Enumerable.Range(done, Math.Min(ChunkSize, bench.Waiting - done)).Select(i => new TellTime(i)), tomorrow);
        bench.Report("submit_delayed", bench.Waiting / submitting.Elapsed.TotalSeconds, "runs/s", bench.Waiting, servers.PerRun(bench.Waiting));
        if (servers.ResidentMemory("redis") is { } memory)
            bench.Report("redis_memory", memory, "MB", bench.Waiting);
        await Task.Delay(Settle);
    }

    /// <summary>Milliseconds between the instant for which each run waited and the start of its handler, least first.</summary>
    private static async Task<List<double>> Lateness(ITaskClient client, int n)
    {
        var start = TimeProvider.System.GetUtcNow() + Lead;
        var runs = new (TaskHandle<DateTimeOffset> Run, DateTimeOffset DueAt)[n];
        await Parallel.ForEachAsync(Enumerable.Range(0, n), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, token) =>
        {
            var dueAt = start + (Spread * i / n);
            runs[i] = (await client.Run(new TellTime(i), new RunOptions { NotBefore = dueAt }, token), dueAt);
        });
        if (TimeProvider.System.GetUtcNow() > start)
            throw new InvalidOperationException("Submitting took so long that the first runs were due before the last was in. Measure fewer.");

        // Nobody asks for them meanwhile: that would be load of its own.
        await Task.Delay(start + Spread + TimeSpan.FromSeconds(1) - TimeProvider.System.GetUtcNow());
        var late = new List<double>(n);
        foreach (var (run, dueAt) in runs)
            late.Add((await run.Result(TimeSpan.FromSeconds(60)) - dueAt).TotalMilliseconds);
        late.Sort();
        return late;
    }

    private static double Memory(BenchWorker worker) => worker.ResidentMemory() ?? Process.GetCurrentProcess().WorkingSet64 / 1_048_576.0;
}
