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

    private const int MostWarmUpRounds = 12;
    private const int FewMethods = 20;

    private static readonly TimeSpan WarmUpRound = TimeSpan.FromSeconds(5);

    public static async Task Measure(Bench bench)
    {
        await using var worker = await BenchWorker.Prepare(bench);
        await worker.Go();
        using var host = await bench.Start(isWorker: bench.Servers is null);
        var client = host.Services.GetRequiredService<ITaskClient>();
        await BenchWorker.WarmUp(client);
        var members = bench.Number ?? DefaultMembers;

        await Best(bench, client, worker, "chord_s", members, async () =>
        {
            var chord = await client.Run(Workflow.Chord(Enumerable.Range(0, members).Select(number => new Add(number, 1)), sums => new CountAll(sums)));
            Check(members, await chord.Result());
        });
        await Best(bench, client, worker, "chain_s", ShortChain, async () =>
        {
            var chain = Enumerable.Range(1, ShortChain - 1).Aggregate((Workflow<int>)Workflow.Chain(new Add(0, 1)), (chain, _) => chain.Then(sum => new Add(sum, 1)));
            Check(ShortChain, await (await client.Run(chain)).Result());
        });
        foreach (var length in new[] { LongChain / 4, LongChain })
        {
            await Best(bench, client, worker, "chain_of_1kb_s", length, async () =>
            {
                var chain = Enumerable.Range(1, length - 1).Aggregate((Workflow<string>)Workflow.Chain(new Pass(new string('x', 1_024))), (chain, _) => chain.Then(text => new Pass(text)));
                Check(1_024, (await (await client.Run(chain)).Result()).Length);
            });
        }

        await host.StopAsync();
    }

    /// <summary>Reports the best of several times, after those that do not count.</summary>
    private static async Task Best(Bench bench, ITaskClient client, BenchWorker worker, string metric, int steps, Func<Task> run)
    {
        var longest = await WarmUp(client, run);
        var times = longest < WarmUpRound ? Times : 1;
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

    /// <summary>Runs until the worker's JIT has next to nothing left to compile, at most a minute.</summary>
    /// <returns>How long the slowest took.</returns>
    private static async Task<TimeSpan> WarmUp(ITaskClient client, Func<Task> run)
    {
        var slowest = TimeSpan.Zero;
        for (var round = 0; round < MostWarmUpRounds; round++)
        {
            var (compiled, since) = (await CompiledMethods(client), Stopwatch.StartNew());
            do
            {
                var one = Stopwatch.StartNew();
                await run();
                slowest = one.Elapsed > slowest ? one.Elapsed : slowest;
            }
            while (since.Elapsed < WarmUpRound);

            if (slowest > WarmUpRound || await CompiledMethods(client) - compiled < FewMethods)
                break;
        }

        return slowest;
    }

    private static async Task<long> CompiledMethods(ITaskClient client) => await (await client.Run(new CountMethods())).Result();

    private static void Check(int expected, int actual)
    {
        if (actual != expected)
            throw new InvalidOperationException($"The workflow gave {actual} instead of {expected}.");
    }
}
