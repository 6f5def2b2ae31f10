using System.Collections.Concurrent;
using System.Globalization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.Configuration;
using TasksBus.FaultWorker;
using TasksBus.Tests.Servers;

namespace TasksBus.FaultTests;

/// <summary>A worker in this process, no node, that writes down what the nodes bring it; and nodes as processes of their own.</summary>
internal sealed class OccurrenceWorker : IAsyncDisposable
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<OccurrenceRun> _runs = new();
    private readonly string[] _settings;
    private readonly IHost _host;

    private OccurrenceWorker(string[] settings, Action<ITaskQueueBuilder>? configure)
    {
        _settings = settings;
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddTaskQueue(queue =>
        {
            queue.Configure(options => options.Prefix = _prefix)
                .AddTask((Tick tick, TaskContext context) =>
                {
                    var instant = DateTimeOffset.Parse(context.Headers[ScheduleHeaders.Instant], CultureInfo.InvariantCulture);
                    _runs.Enqueue(new OccurrenceRun(context.Headers[ScheduleHeaders.Schedule], instant, TimeProvider.System.GetUtcNow()));
                    return tick.Index;
                })
                .UseRabbitMq(RealServers.RabbitMq)
                .UseRedis(Patient.Redis(RealServers.Redis))
                .UseScheduling(options => options.IsNode = false);
            configure?.Invoke(queue);
        });
        _host = builder.Build();
    }

    public IReadOnlyCollection<OccurrenceRun> Runs => _runs;

    public IServiceProvider Services => _host.Services;

    /// <param name="settings">What nodes have besides, as in <c>--PostgreSql Host=…</c>.</param>
    /// <param name="configure">What this worker has besides.</param>
    public static async Task<OccurrenceWorker> Start(string[] settings, Action<ITaskQueueBuilder>? configure = null)
    {
        var worker = new OccurrenceWorker(settings, configure);
        await worker._host.StartAsync();
        return worker;
    }

    /// <summary>Waits until everything that was submitted has run.</summary>
    public async Task Settle()
    {
        var monitor = Services.GetRequiredService<ITaskMonitor>();
        using var patience = new CancellationTokenSource(Fleet.Patience);
        while (await monitor.Count(TaskState.Pending, patience.Token) + await monitor.Count(TaskState.Running, patience.Token) > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
    }

    /// <summary>Puts schedules of one interval, each named by its number.</summary>
    public async Task Put(int schedules, TimeSpan every)
    {
        foreach (var index in Enumerable.Range(0, schedules))
            await Services.GetRequiredService<ITaskSchedules>().Put(new TaskSchedule($"{index}", new Tick(index, 0), ScheduleRule.Every(every)) { History = 10 });
    }

    public Task<WorkerProcess> StartNode() => WorkerProcess.Start(
        ["--Prefix", _prefix, "--RabbitMq", RealServers.RabbitMq, "--Redis", RealServers.Redis, "--IsWorker", "false", "--Scheduler", "true", .. _settings]);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await RealServers.DeleteQueues(_prefix, "tasks");
    }
}

/// <summary>A run that a schedule has made.</summary>
internal sealed record OccurrenceRun(string Schedule, DateTimeOffset Instant, DateTimeOffset StartedAt);
