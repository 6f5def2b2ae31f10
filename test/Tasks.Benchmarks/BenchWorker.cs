using System.Diagnostics;
using System.Runtime;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Benchmarks;

/// <summary>The worker of a workload: a process of its own beside the servers, or nothing when all is embedded. It has run a few thousand runs before it is measured, so that its code is compiled.</summary>
internal sealed class BenchWorker : IAsyncDisposable
{
    private const int WarmUpRuns = 2_000;
    private const int MostWarmUpRounds = 20;
    private const int FewMethods = 20;

    private readonly Process? _process;

    private BenchWorker(Process? process) => _process = process;

    public int? ProcessId => _process?.Id;

    /// <summary>Starts a warm worker that does not read its queue yet.</summary>
    public static async Task<BenchWorker> Prepare(Bench bench)
    {
        if (bench.Servers is null)
            return new BenchWorker(process: null);

        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(BenchWorker).Assembly.Location);
        string[] arguments =
        [
            "worker", "--rabbitmq", bench.Servers.RabbitMq, "--redis", bench.Servers.Redis, "--prefix", bench.Prefix,
            "--concurrency", $"{bench.Concurrency}", "--keys", $"{bench.Keys}", "--progress-interval", $"{bench.ProgressInterval.TotalMilliseconds}",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        var worker = new BenchWorker(Process.Start(start));
        await worker.Expect("warm");
        return worker;
    }

    /// <summary>Lets it read its queue; returns when it does.</summary>
    public async Task Go()
    {
        if (_process is null)
            return;
        await _process.StandardInput.WriteLineAsync("go");
        await _process.StandardInput.FlushAsync();
        await Expect("reads");
    }

    /// <summary>The memory that it holds, in MB.</summary>
    public double? ResidentMemory()
    {
        _process?.Refresh();
        return _process?.WorkingSet64 / 1_048_576.0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>What the worker's own process does.</summary>
    public static async Task Work(Bench bench)
    {
        using (var warmUp = await (bench with { Prefix = bench.Prefix + "-warm" }).Start(isWorker: true))
        {
            await WarmUp(warmUp.Services.GetRequiredService<ITaskClient>());
            await warmUp.StopAsync();
        }

        Console.WriteLine("warm");
        await Console.In.ReadLineAsync();
        using var host = await bench.Start(isWorker: true);
        await Probe(host.Services.GetRequiredService<ITaskClient>());
        Console.WriteLine("reads");
        await Console.In.ReadLineAsync();
        await host.StopAsync();
    }

    /// <summary>Runs until the JIT has next to nothing left to compile, at most 40,000 runs.</summary>
    public static async Task WarmUp(ITaskClient client)
    {
        for (var round = 0; round < MostWarmUpRounds; round++)
        {
            var compiled = JitInfo.GetCompiledMethodCount();
            foreach (var run in await client.RunMany(Enumerable.Range(0, WarmUpRuns).Select(i => new Add(i, i))))
                await run.Result();
            if (JitInfo.GetCompiledMethodCount() - compiled < FewMethods)
                return;
        }
    }

    /// <summary>Knows that the queue is read once a run of our own, of the highest priority, has come back.</summary>
    private static async Task Probe(ITaskClient client) =>
        await (await client.Run(new Add(1, 1), new RunOptions { Priority = 9 })).Result();

    private async Task Expect(string line)
    {
        if (await _process!.StandardOutput.ReadLineAsync() != line)
            throw new InvalidOperationException($"The worker did not say '{line}'; see its log above.");
    }
}
