using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Npgsql;

using Quartz;

using TasksBus.Configuration;
using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Schedules;

/// <summary>Nodes and clients that start while the store of their schedules is away.</summary>
public sealed class AbsentStoreTests(OwnPostgreSql postgreSql) : IClassFixture<OwnPostgreSql>, IAsyncLifetime
{
    private const int DatabaseAway = 2154;
    private const int StoreAway = 2155;
    private const int NotDeclared = 2181;

    private readonly UsedServers _servers = new();
    private readonly LogCapture _logs = new();
    private readonly TaskCompletionSource _ran = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _servers.DisposeAsync().AsTask();

    [Fact]
    public async Task A_node_whose_SQLite_file_cannot_be_opened_says_so_once_and_begins_as_soon_as_it_can()
    {
        var folder = new DirectoryInfo(Path.Combine(Path.GetTempPath(), $"schedules-{Guid.NewGuid():N}"));
        var file = Path.Combine(folder.FullName, "schedules.db");
        await using (var queue = await Start(queue => queue.UseQuartzStore(store => store.UseSqlite($"Data Source={file}").ProvisionSchema())))
        {
            await AssertUnavailable(queue, file);
            await Eventually(() => Count(NotDeclared) > 0);
            folder.Create();
            await _ran.Task.WaitAsync(TaskQueueFixture.Patience);
        }

        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        Assert.Equal((1, 1), (Count(DatabaseAway), Count(NotDeclared)));
    }

    [Fact]
    public async Task A_node_whose_PostgreSQL_is_away_says_so_once_and_begins_as_soon_as_it_is_there()
    {
        var server = new NpgsqlConnectionStringBuilder(postgreSql.ConnectionString);
        await using var proxy = new TcpProxy("127.0.0.1", server.Port);
        (server.Host, server.Port) = ("127.0.0.1", proxy.Port);
        await using var queue = await Start(queue => queue.UseQuartzStore(store => store.UsePostgres(server.ConnectionString).ProvisionSchema().UseClustering()));

        await AssertUnavailable(queue, $"127.0.0.1 {proxy.Port} {server.Database}");
        await Eventually(() => Count(NotDeclared) > 0);
        proxy.Start();
        await _ran.Task.WaitAsync(TaskQueueFixture.Patience);

        Assert.Equal((1, 1), (Count(DatabaseAway), Count(NotDeclared)));
    }

    [Fact]
    public async Task A_node_whose_Redis_is_away_says_so_once_and_begins_as_soon_as_it_is_there()
    {
        var redis = RealServers.Redis.Split(':');
        await using var proxy = new TcpProxy(redis[0], int.Parse(redis[1], null));
        await using var queue = await Start(queue =>
        {
            _servers.Use(queue);
            queue.UseRedis($"127.0.0.1:{proxy.Port}");
        });

        await AssertUnavailable(queue, $"127.0.0.1:{proxy.Port}");
        await Eventually(() => Count(StoreAway) > 0 && Count(NotDeclared) > 0);
        proxy.Start();
        await _ran.Task.WaitAsync(TaskQueueFixture.Patience);

        Assert.Equal((1, 1), (Count(StoreAway), Count(NotDeclared)));
    }

    private static async Task AssertUnavailable(TaskQueueFixture queue, string address)
    {
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();
        Func<Task>[] calls =
        [
            () => schedules.Put(new TaskSchedule("s", new Work(), ScheduleRule.Cron("* * * * *"))), () => schedules.Get("s"), () => schedules.List(), () => schedules.Remove("s"),
            () => schedules.Pause("s"), () => schedules.Resume("s"), () => schedules.RunNow("s"), () => schedules.Next("s", 1), () => schedules.LastRun("s"),
        ];
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.Equal(address, error.Address);
            Assert.Contains("Start it, or correct its address", error.Message, StringComparison.Ordinal);
        }
    }

    private int Count(int eventId) => _logs.Lines.Count(line => line.EventId == eventId);

    private Task<TaskQueueFixture> Start(Action<ITaskQueueBuilder> useStore) => TaskQueueFixture.Start(
        queue =>
        {
            useStore(queue);
            queue.AddTask((Work _) => _ran.TrySetResult());
            queue.AddSchedule("declared", new Work(), every: TimeSpan.FromMilliseconds(500)).AddSchedule("another", new Work(), every: TimeSpan.FromMilliseconds(500));
        },
        services => services.AddLogging(logging => logging.AddProvider(_logs)));
}
