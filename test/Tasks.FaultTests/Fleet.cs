using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.FaultWorker;

namespace TasksBus.FaultTests;

/// <summary>Worker processes on real servers, and a client in this process that submits to them and looks at them.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string RabbitMq = Environment.GetEnvironmentVariable("TASKSBUS_RABBITMQ") ?? "amqp://guest:guest@127.0.0.1:5672";
    private static readonly string Redis = Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379";

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly string[] _settings;
    private readonly IHost _host;

    private Fleet(string[] settings)
    {
        _settings = settings;
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddTaskQueue(queue => queue
            .Configure(options => (options.Prefix, options.IsWorker) = (_prefix, false))
            .AddTaskType<Tick>()
            .AddTaskType<Crash>()
            .AddTaskType<Block>()
            .UseRabbitMq(RabbitMq)
            .UseRedis(Redis));
        _host = builder.Build();
    }

    public List<WorkerProcess> Workers { get; } = [];

    public ITaskClient Client => _host.Services.GetRequiredService<ITaskClient>();

    public ITaskMonitor Monitor => _host.Services.GetRequiredService<ITaskMonitor>();

    /// <summary>Starts so many workers.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="settings">Options of the queue, as in <c>--Lease 00:00:05</c>.</param>
    public static async Task<Fleet> Start(int workers, params string[] settings)
    {
        var fleet = new Fleet(settings);
        await fleet._host.StartAsync();
        for (var i = 0; i < workers; i++)
            await fleet.AddWorker();
        return fleet;
    }

    public async Task<WorkerProcess> AddWorker()
    {
        var worker = await WorkerProcess.Start(["--Prefix", _prefix, "--RabbitMq", RabbitMq, "--Redis", Redis, .. _settings]);
        Workers.Add(worker);
        return worker;
    }

    /// <summary>Puts a new worker in the place of one that has ended.</summary>
    public async Task Replace(WorkerProcess worker)
    {
        Workers.Remove(worker);
        await worker.DisposeAsync();
        await AddWorker();
    }

    public async Task<IReadOnlyList<TaskHandle<int>>> Submit(int runs, int milliseconds) =>
        await Client.RunMany(Enumerable.Range(0, runs).Select(index => new Tick(index, milliseconds)));

    /// <summary>The ends of runs.</summary>
    public static async Task<IReadOnlyList<TaskSnapshot>> EndsOf(IEnumerable<TaskHandle> runs, TimeSpan? patience = null)
    {
        var deadline = patience ?? Patience;
        return await Task.WhenAll(runs.Select(run => run.Completion(deadline)));
    }

    /// <summary>Waits until a run is as described; to be called before its end.</summary>
    public static async Task Until(TaskHandle run, Func<TaskSnapshot, bool> isIt)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var snapshot in run.Watch(patience.Token))
        {
            if (isIt(snapshot))
                return;
        }

        throw new InvalidOperationException($"Run {run.RunId} ended before it was as expected.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in Workers)
            await worker.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
    }
}
