using StackExchange.Redis;
using TasksBus.Storage;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>Needs a Redis; <c>TASKSBUS_REDIS</c> says where, 127.0.0.1:6379 if it is not set.</summary>
public class RedisSagaStoreTests : SagaStoreConformance
{
    private static readonly string Address = Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379";

    protected static readonly Lazy<Task<ConnectionMultiplexer>> Admin = new(() => ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true"));

    protected string Prefix { get; } = $"test-{Guid.NewGuid():N}";
    private readonly string _connectionName = $"test-{Guid.NewGuid():N}";

    protected override TimeProvider Time => TimeProvider.System;

    protected virtual int Partitions => 1;

    private RedisConnection Connection { get; set; } = null!;

    public override async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await (await Admin.Value).GetDatabase().ScriptEvaluateAsync(
            "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end", values: [Prefix + "*"], flags: CommandFlags.NoScriptCache);
    }

    [Fact]
    public async Task Another_number_of_partitions_is_refused_with_both_numbers_and_the_way_out()
    {
        await Store.Load(Guid.NewGuid());
        var other = new RedisSagaStore(Connection, Prefix, "run", Partitions + 1);

        var error = await Assert.ThrowsAsync<TaskQueueConfigurationException>(async () => await other.Load(Guid.NewGuid()));

        Assert.Contains($"in {Partitions} partitions", error.Message, StringComparison.Ordinal);
        Assert.Contains($"with {Partitions + 1},", error.Message, StringComparison.Ordinal);
        Assert.Contains($"Configure {Partitions},", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stores_with_anotherPrefix_or_kind_share_nothing()
    {
        var id = Guid.NewGuid();
        await Store.Save(new SagaWrite { Id = id, ExpectedVersion = 0, Document = default, Indexes = ["all"] });

        var otherKind = new RedisSagaStore(Connection, Prefix, "chain", Partitions);
        var otherPrefix = new RedisSagaStore(Connection, Prefix + "x", "run", Partitions);

        Assert.Null(await otherKind.Load(id));
        Assert.Null(await otherPrefix.Load(id));
        Assert.Equal(0, await otherKind.Count("all"));
    }

    [Fact]
    public async Task Scripts_that_Redis_has_forgotten_are_sent_again()
    {
        await Store.Load(Guid.NewGuid());
        await (await Admin.Value).GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Null(await Store.Load(Guid.NewGuid()));
    }

    [Fact]
    public async Task A_watcher_gets_what_it_missed_while_the_connection_was_lost()
    {
        var id = Guid.NewGuid();
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var watch = await Store.Watch(id, signal => seen.TrySetResult(signal.Version));
        await using var otherConnection = new RedisConnection(Address);
        var other = new RedisSagaStore(otherConnection, Prefix, "run", Partitions);

        await CutConnections();
        await other.Save(new SagaWrite { Id = id, ExpectedVersion = 0, Document = default });

        Assert.Equal(1, await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), Time));
    }

    [Fact]
    public async Task A_line_break_in_a_name_is_refused()
    {
        var write = new SagaWrite { Id = Guid.NewGuid(), ExpectedVersion = 0, Document = default, Indexes = ["a\nb"] };

        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.Save(write));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.WriteField(Guid.NewGuid(), "a\nb", default, 0));
    }

    [Fact]
    public async Task What_Redis_refuses_is_not_taken_for_an_outage()
    {
        var admin = await Admin.Value;
        await Store.Count("all");
        foreach (var partition in Enumerable.Range(0, Partitions))
            await admin.GetDatabase().StringSetAsync($"{Prefix}:run:{{{partition}}}:index:all", "not a sorted set", TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<RedisServerException>(async () => await Store.Count("all"));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.Load(Guid.NewGuid(), new CancellationToken(canceled: true)));
    }

    protected override async Task<ISagaStore> Start()
    {
        Connection = new RedisConnection($"{Address},name={_connectionName}");
        var store = new RedisSagaStore(Connection, Prefix, "run", Partitions);
        try
        {
            await store.Load(Guid.NewGuid());
        }
        catch (StoreUnavailableException error)
        {
            throw new InvalidOperationException($"These tests need Redis at {Address}. Run build/services.sh start, or set TASKSBUS_REDIS.", error);
        }

        return store;
    }

    private async Task CutConnections()
    {
        var admin = await Admin.Value;
        var server = admin.GetServer(admin.GetEndPoints()[0]);
        foreach (var client in (await server.ClientListAsync()).Where(client => client.Name == _connectionName))
            await server.ClientKillAsync(client.Address);
    }
}

/// <summary>The same with several partitions, as a cluster wants them.</summary>
public sealed class PartitionedRedisSagaStoreTests : RedisSagaStoreTests
{
    protected override int Partitions => 5;

    [Fact]
    public async Task What_is_due_in_the_other_partitions_is_taken_though_one_cannot_be_asked()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var id in Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()))
            await Store.Save(new SagaWrite { Id = id, ExpectedVersion = 0, Document = default, DueAt = now.AddSeconds(-1) });
        var due = new RedisKeys(Prefix, "run", Partitions).Partitions.Select(partition => partition.Due).ToList();
        var database = (await Admin.Value).GetDatabase();
        var missing = (int)await database.SortedSetLengthAsync(due[0]);
        await database.StringSetAsync(due[0], "no sorted set");

        var taken = await Store.TakeDue(now, hiddenFor: TimeSpan.FromMinutes(1), limit: 100);

        Assert.Equal(50 - missing, taken.Sagas.Count);
        Assert.InRange(taken.NextAt!.Value, now, now + TimeSpan.FromSeconds(2));
    }
}
