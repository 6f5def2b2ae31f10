using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TasksBus.Benchmarks;

/// <summary>A worker that reads its queue and a client in this process, both warm.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Bench _bench;
    private readonly BenchWorker _worker;
    private readonly IHost _host;

    private Stage(Bench bench, BenchWorker worker, IHost host) => (_bench, _worker, _host) = (bench, worker, host);

    public ITaskClient Client => _host.Services.GetRequiredService<ITaskClient>();

    public static async Task<Stage> Set(Bench bench)
    {
        var worker = await BenchWorker.Prepare(bench);
        await worker.Go();
        var stage = new Stage(bench, worker, await bench.Start(isWorker: bench.Servers is null));
        await BenchWorker.WarmUp(stage.Client);
        return stage;
    }

    /// <summary>Measures the CPU time of all who take part, from now on.</summary>
    public CpuMeter Measure() => CpuMeter.Start(_bench, _worker.ProcessId);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _worker.DisposeAsync();
    }
}
