using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Benchmarks.Workloads;

/// <summary>Chords and chains, one after the other, from their submission to their result.</summary>
internal static class Workflows
{
    private const int DefaultMembers = 1_000;
    private const int ShortChain = 100;
    private const int LongChain = 1_000;
    private const int Times = 5;

    /// <summary>Until then the runtime compiles again and again what is called often.</summary>
    private static readonly TimeSpan UntilWarm = TimeSpan.FromSeconds(8);

    public static async Task Measure(Bench bench)
    {
        await using var worker = await BenchWorker.Prepare(bench);
        await worker.Go();
        using var host = await bench.Start(isWorker: bench.Servers is null);
        var client = host.Services.GetRequiredService<ITaskClient>();
        await BenchWorker.WarmUp(client);
        var members = bench.Number ?? DefaultMembers;

        await Best(bench, worker, "chord_s", members, async () =>
        {
            var chord = await client.Run(Workflow.Chord(Enumerable.Range(0, members).Select(number => new Add(number, 1)), sums => new CountAll(sums)));
            Check(members, await chord.Result());
        });
        await Best(bench, worker, "chain_s", ShortChain, async () =>
        {
            var chain = Enumerable.Range(1, ShortChain - 1).Aggregate((Workflow<int>)Workflow.Chain(new Add(0, 1)), (chain, _) => chain.Then(sum => new Add(sum, 1)));
            Check(ShortChain, await (await client.Run(chain)).Result());
        });
        foreach (var length in new[] { LongChain / 4, LongChain })
        {
            await Best(bench, worker, "chain_of_1kb_s", length, async () =>
            {
                var chain = Enumerable.Range(1, length - 1).Aggregate((Workflow<string>)Workflow.Chain(new Pass(new string('x', 1_024))), (chain, _) => chain.Then(text => new Pass(text)));
                Check(1_024, (await (await client.Run(chain)).Result()).Length);
            });
        }

        await host.StopAsync();
    }

    /// <summary>Reports the best of several times, after those that do not count.</summary>
    private static async Task Best(Bench bench, BenchWorker worker, string metric, int steps, Func<Task> run)
    {
        var warm = Stopwatch.StartNew();
        do
            await run();
        while (warm.Elapsed < UntilWarm);

        // What takes so long was warm before its end.
        var times = warm.Elapsed < UntilWarm * 2 ? Times : 1;
        var cpu = CpuMeter.Start(bench, worker.ProcessId);
        var best = TimeSpan.MaxValue;
        for (var time = 0; time < times; time++)
        {
            var watch = Stopwatch.StartNew();
            await run();
            best = watch.Elapsed < best ? watch.Elapsed : best;
        }

        bench.Report(metric, best.TotalSeconds, "s", steps, cpu.PerRun(steps * times));
    }

    private static void Check(int expected, int actual)
    {
        if (actual != expected)
            throw new InvalidOperationException($"The workflow gave {actual} instead of {expected}.");
    }
}
