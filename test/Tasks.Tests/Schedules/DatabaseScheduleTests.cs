using System.Collections.Concurrent;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using Npgsql;

using Quartz;

using TasksBus.Configuration;
using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Schedules;

/// <summary>Schedules in databases of Quartz: a SQLite file for one process, and a clustered PostgreSQL.</summary>
public sealed class DatabaseScheduleTests(OwnPostgreSql postgreSql) : IClassFixture<OwnPostgreSql>, IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly FileInfo _file = new(Path.Combine(Path.GetTempPath(), $"schedules-{Guid.NewGuid():N}.db"));
    private readonly ConcurrentQueue<string> _runs = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        _file.Delete();
        await RealServers.DeleteQueues(_prefix, "tasks");
    }

    [Fact]
    public async Task A_SQLite_file_keeps_schedules_and_their_history_while_no_process_is_up()
    {
        await using (var before = await StartOnSqlite())
        {
            await Schedules(before).Put(new TaskSchedule("often", new Work(), ScheduleRule.Every(Interval)) { Missed = MissedRule.RunAll });
            await Schedules(before).Put(new TaskSchedule("gone", new Work(), ScheduleRule.Every(Interval)));
            await Until(count: 3);
            await Schedules(before).Remove("gone");
            await Schedules(before).Put(new TaskSchedule("paused", new Work(), ScheduleRule.Cron("0 0 * * *")));
            await Schedules(before).Pause("paused");
        }

        await using var after = await StartOnSqlite();
        await Until(_runs.Count + 5);
        var kept = (await Schedules(after).List()).ToDictionary(schedule => schedule.Schedule.Name);

        Assert.Equal(["often", "paused"], kept.Keys.Order());
        Assert.True(kept["paused"].IsPaused);
        AssertNothingIsMissedOrDoubled(kept["often"]);
    }

    [Fact]
    public async Task On_a_clustered_PostgreSQL_that_the_configuration_names_nodes_share_schedules_and_go_on_when_one_stops()
    {
        await using var worker = await StartOnPostgreSql(isNode: false, isWorker: true);
        var first = await StartOnPostgreSql();
        await using var second = await StartOnPostgreSql();
        await Schedules(worker).Put(new TaskSchedule("often", new Work(), ScheduleRule.Every(Interval)));
        await Until(count: 4);

        await first.DisposeAsync();
        await Until(_runs.Count + 6);
        await Schedules(second).Pause("often");

        Assert.True((await Schedules(worker).Get("often"))!.IsPaused);
        AssertNothingIsMissedOrDoubled((await Schedules(worker).Get("often"))!);
        Assert.Equal(_runs.Count, _runs.Distinct().Count());
    }

    [Fact]
    public async Task An_alarm_that_Quartz_holds_back_though_its_job_has_ended_goes_off_all_the_same()
    {
        await using var node = await StartOnPostgreSql(isWorker: true);
        await Schedules(node).Put(new TaskSchedule("often", new Work(), ScheduleRule.Every(Interval)));
        await Until(count: 2);

        await using var database = NpgsqlDataSource.Create(postgreSql.ConnectionString);
        await using var block = database.CreateCommand($"update qrtz_triggers set trigger_state = 'BLOCKED' where trigger_state = 'WAITING' and sched_name like '{_prefix}%'");
        await Waiting.Eventually(async () => await block.ExecuteNonQueryAsync() == 1);
        await Until(_runs.Count + 4);

        AssertNothingIsMissedOrDoubled((await Schedules(node).Get("often"))!);
    }

    private static void AssertNothingIsMissedOrDoubled(ScheduleSnapshot schedule)
    {
        Assert.All(schedule.History, occurrence => Assert.Equal(OccurrenceResult.Submitted, occurrence.Result));
        Assert.All(schedule.History.Zip(schedule.History.Skip(1)), pair => Assert.Equal(Interval, pair.Second.At - pair.First.At));
    }

    private Task<TaskQueueFixture> StartOnSqlite() => TaskQueueFixture.Start(queue => Work(queue)
        .Configure(options => options.Prefix = _prefix)
        .UseQuartzStore(store => store.UseSqlite($"Data Source={_file.FullName}").ProvisionSchema()));

    private Task<TaskQueueFixture> StartOnPostgreSql(bool isNode = true, bool isWorker = false)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["quartz.jobStore.type"] = "Quartz.Impl.AdoJobStore.LocalTransactionJobStore, Quartz",
            ["quartz.jobStore.driverDelegateType"] = "Quartz.Impl.AdoJobStore.PostgreSQLDelegate, Quartz",
            ["quartz.jobStore.schemaProvisioning"] = "CreateIfMissing",
            ["quartz.jobStore.dataSource"] = "default",
            ["quartz.jobStore.clustered"] = "true",
            ["quartz.jobStore.clusterCheckinInterval"] = "2000",
            ["quartz.dataSource.default.provider"] = "Npgsql",
            ["quartz.dataSource.default.connectionString"] = postgreSql.ConnectionString,
        }).Build();
        return TaskQueueFixture.Start(queue =>
        {
            RealServers.Use(queue);
            Work(queue).Configure(options => (options.Prefix, options.IsWorker) = (_prefix, isWorker))
                .UseScheduling(options => options.IsNode = isNode).UseQuartzStore(section);
        });
    }

    private ITaskQueueBuilder Work(ITaskQueueBuilder queue) => queue.AddTask((Work _, TaskContext context) => _runs.Enqueue(context.Headers[ScheduleHeaders.Instant]));

    private static ITaskSchedules Schedules(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskSchedules>();

    private async Task Until(int count)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (_runs.Count < count)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }
}
