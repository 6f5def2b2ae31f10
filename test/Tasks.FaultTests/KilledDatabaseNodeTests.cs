using System.Collections.Concurrent;
using System.Globalization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Quartz;

using TasksBus.FaultWorker;
using TasksBus.Tests.Schedules;
using TasksBus.Tests.Servers;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Scheduler nodes on a clustered PostgreSQL that die.</summary>
public sealed class KilledDatabaseNodeTests(OwnPostgreSql postgreSql, ITestOutputHelper output) : IClassFixture<OwnPostgreSql>, IAsyncLifetime
{
    private const int Schedules = 10;

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<(string Schedule, DateTimeOffset Instant, DateTimeOffset StartedAt)> _runs = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(_prefix, "tasks");

    [Fact]
    [Trait("Category", "Faults")]
    public async Task When_a_node_is_killed_the_others_go_on_within_ten_seconds_and_no_occurrence_is_missed_or_doubled()
    {
        using var host = await StartWorker();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => StartNode()));
        var schedules = host.Services.GetRequiredService<ITaskSchedules>();
        foreach (var index in Enumerable.Range(0, Schedules))
            await schedules.Put(new TaskSchedule($"{index}", new Tick(index, 0), ScheduleRule.Every(TimeSpan.FromMilliseconds(500))));

        foreach (var victim in nodes)
        {
            await UntilAllGoOn(since: TimeProvider.System.GetUtcNow());
            await victim.Kill();
            await UntilAllGoOn(since: TimeProvider.System.GetUtcNow());
            await victim.DisposeAsync();
            nodes[Array.IndexOf(nodes, victim)] = await StartNode();
        }

        await UntilAllGoOn(since: TimeProvider.System.GetUtcNow());
        foreach (var node in nodes)
            await node.DisposeAsync();
        await host.StopAsync();
        Judge();
    }

    private void Judge()
    {
        var schedules = _runs.GroupBy(run => run.Schedule).Select(runs => runs.OrderBy(run => run.Instant).ToList()).ToList();
        var steps = schedules.SelectMany(runs => runs.Zip(runs.Skip(1), (one, next) => next.Instant - one.Instant)).ToList();
        var silences = schedules.SelectMany(runs => runs.Select(run => run.StartedAt).Order().ToList() is var all ? all.Zip(all.Skip(1), (one, next) => next - one) : []).ToList();

        output.WriteLine($"{_runs.Count} occurrences of {schedules.Count} schedules; longest silence of one: {silences.Max().TotalSeconds:F1} s.");
        Assert.Equal(Schedules, schedules.Count);
        Assert.All(steps, step => Assert.Equal(TimeSpan.FromMilliseconds(500), step));
        Assert.True(silences.Max() <= TimeSpan.FromSeconds(10), $"A schedule was silent for {silences.Max()}.");
    }

    /// <summary>Waits until each schedule has had an occurrence that was due since then.</summary>
    private async Task UntilAllGoOn(DateTimeOffset since)
    {
        using var patience = new CancellationTokenSource(Fleet.Patience);
        while (_runs.Where(run => run.Instant > since).Select(run => run.Schedule).ToHashSet(StringComparer.Ordinal).Count < Schedules)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }

    private async Task<IHost> StartWorker()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddTaskQueue(queue => queue
            .Configure(options => options.Prefix = _prefix)
            .AddTask((Tick tick, TaskContext context) =>
            {
                _runs.Enqueue((context.Headers[ScheduleHeaders.Schedule], DateTimeOffset.Parse(context.Headers[ScheduleHeaders.Instant], CultureInfo.InvariantCulture), TimeProvider.System.GetUtcNow()));
                return tick.Index;
            })
            .UseRabbitMq(RealServers.RabbitMq)
            .UseRedis(RealServers.Redis)
            .UseScheduling(options => options.IsNode = false)
            .UseQuartzStore(store => store.UsePostgres(postgreSql.ConnectionString).ProvisionSchema().UseClustering()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private Task<WorkerProcess> StartNode() => WorkerProcess.Start(
        [
            "--Prefix", _prefix, "--RabbitMq", RealServers.RabbitMq, "--Redis", RealServers.Redis, "--IsWorker", "false", "--Scheduler", "true",
            "--PostgreSql", postgreSql.ConnectionString,
        ]);
}
