using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.FaultWorker;
using TasksBus.Tests.Servers;

namespace TasksBus.FaultTests;

/// <summary>Worker processes on real servers, and a client in this process that submits to them and looks at them.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly (string RabbitMq, string Redis) _servers;
    private readonly string[] _settings;
    private readonly IHost _host;

    private Fleet((string RabbitMq, string Redis) servers, string[] settings)
    {
        _servers = servers;
        _settings = settings;
        Ledger = new Ledger(RealServers.Redis, _prefix);
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddTaskQueue(queue => queue
            .Configure(options => (options.Prefix, options.IsWorker, options.SubmitTimeout) = (_prefix, false, Patience))
            .AddTaskType<Tick>()
            .AddTaskType<Visit>()
            .AddTaskType<Fail>()
            .AddTaskType<Crash>()
            .AddTaskType<Block>()
            .AddTaskType<Note>()
            .UseRabbitMq(servers.RabbitMq)
            .UseRedis(Patient.Redis(servers.Redis)));
        _host = builder.Build();
    }

    /// <summary>The queue of all runs, as the broker calls it.</summary>
    public string BrokerQueue => $"{_prefix}.tasks";

    public List<WorkerProcess> Workers { get; } = [];

    public ITaskClient Client => _host.Services.GetRequiredService<ITaskClient>();

    public ITaskLimits Limits => _host.Services.GetRequiredService<ITaskLimits>();

    /// <summary>What the handlers of visits have done.</summary>
    public Ledger Ledger { get; }

    /// <summary>Starts so many workers.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="settings">Options of the queue, as in <c>--Lease 00:00:05</c>.</param>
    public static Task<Fleet> Start(int workers, params string[] settings) => Start(RealServers.RabbitMq, RealServers.Redis, workers, settings);

    /// <summary>Starts so many workers on servers that are not those of the other tests.</summary>
    /// <inheritdoc cref="Start(int, string[])"/>
    public static async Task<Fleet> Start(string rabbitMq, string redis, int workers, params string[] settings)
    {
        var fleet = new Fleet((rabbitMq, redis), settings);
        await fleet._host.StartAsync();
        for (var i = 0; i < workers; i++)
            await fleet.AddWorker();
        return fleet;
    }

    public async Task<WorkerProcess> AddWorker()
    {
        var worker = await WorkerProcess.Start(["--Prefix", _prefix, "--RabbitMq", _servers.RabbitMq, "--Redis", _servers.Redis, "--Ledger", RealServers.Redis, .. _settings]);
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

    /// <summary>The ends of runs. While the store is away, it is asked again.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="patience">How long to wait for each.</param>
    public static async Task<IReadOnlyList<TaskSnapshot>> EndsOf(IReadOnlyList<TaskHandle> runs, TimeSpan? patience = null)
    {
        var ends = new TaskSnapshot[runs.Count];
        await Parallel.ForAsync(0, runs.Count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (index, _) => ends[index] = await EndOf(runs[index], patience ?? Patience));
        return ends;
    }

    private static async Task<TaskSnapshot> EndOf(TaskHandle run, TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await run.Completion(patience);
            }
            catch (StoreUnavailableException) when (Stopwatch.GetElapsedTime(since) < patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    /// <summary>Waits until so many writes of a run were refused.</summary>
    public async Task<long> Refusals(Guid run, int atLeast)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await Ledger.Refusals(run) is var refusals && (refusals >= atLeast || Stopwatch.GetElapsedTime(since) > Patience))
                return refusals;
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
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
        if (_servers.RabbitMq == RealServers.RabbitMq)
            await RealServers.DeleteQueues(_prefix, "tasks");
    }
}
