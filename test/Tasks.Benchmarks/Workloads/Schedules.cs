using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Benchmarks.Workloads;

/// <summary>Ten thousand schedules of ten seconds each, evenly spread: a thousand occurrences a second. How late the handler of each starts.</summary>
internal static class Schedules
{
    private const int Count = 10_000;
    private const int DefaultRuns = 30_000;
    private const double Punctual = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UntilAllAreCompiled = TimeSpan.FromSeconds(20);

    public static async Task Measure(Bench bench)
    {
        var rounds = Math.Max(1, (bench.Number ?? DefaultRuns) / Count);
        await using var worker = await BenchWorker.Prepare(bench);
        await worker.Go();
        using var host = await bench.Start(isWorker: bench.Servers is null, queue => queue.UseScheduling());
        var (schedules, client) = (host.Services.GetRequiredService<ITaskSchedules>(), host.Services.GetRequiredService<ITaskClient>());
        await BenchWorker.WarmUp(client);

        var start = await PutAll(schedules);
        var from = start + UntilAllAreCompiled;
        await WaitUntil(from);
        var cpu = CpuMeter.Start(bench, worker.ProcessId);
        var to = from + (rounds * Interval);
        await WaitUntil(to);
        var perRun = cpu.PerRun(rounds * Count);
        await WaitUntil(to + TimeSpan.FromSeconds(2));

        var done = (await schedules.List()).SelectMany(schedule => schedule.History).Where(one => one.At >= from && one.At < to && one.Result == OccurrenceResult.Submitted).ToList();
        var late = new List<double>(done.Count);
        foreach (var one in done)
            late.Add((await client.Find<DateTimeOffset>(one.RunId).Result(TimeSpan.FromSeconds(60)) - one.At).TotalMilliseconds);
        late.Sort();
        bench.Report("schedule_lateness_p50", late[late.Count / 2], "ms", late.Count, perRun);
        bench.Report("schedule_lateness_p99", late[late.Count * 99 / 100], "ms", late.Count);
        bench.Report("schedule_lateness_max", late[^1], "ms", late.Count);
        bench.Report("schedule_within_50ms", 100.0 * late.Count(one => one <= Punctual) / (rounds * Count), "%", rounds * Count);
        bench.Report("schedule_missed", (rounds * Count) - done.DistinctBy(one => one.RunId).Count(), "occurrences", rounds * Count);
        await host.StopAsync();
    }

    /// <returns>When the first of them begins.</returns>
    private static async Task<DateTimeOffset> PutAll(ITaskSchedules schedules)
    {
        var start = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30);
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (index, token) => await schedules.Put(
            new TaskSchedule($"schedule-{index}", new TellTime(index), ScheduleRule.Every(Interval)) { StartAt = start + (Interval * index / Count) }, token));
        return start;
    }

    private static Task WaitUntil(DateTimeOffset instant) => Task.Delay(instant - TimeProvider.System.GetUtcNow() is var time && time > TimeSpan.Zero ? time : TimeSpan.Zero, TimeProvider.System);
}
