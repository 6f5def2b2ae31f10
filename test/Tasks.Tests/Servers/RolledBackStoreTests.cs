using StackExchange.Redis;

namespace TasksBus.Tests.Servers;

/// <summary>A Redis that comes back without its last writes, as after a failover.</summary>
public sealed class RolledBackStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private ConnectionMultiplexer _redis = null!;

    public async Task InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(RealServers.Redis);

    public async Task DisposeAsync()
    {
        _redis.Dispose();
        await RealServers.DeleteQueues(_prefix, "tasks");
    }

    [Fact]
    public async Task A_run_whose_claim_is_forgotten_goes_on_and_is_recorded_with_its_outcome()
    {
        var gate = new Gate();
        await using var client = await Start(gate, isWorker: false);
        var run = await client.Client.Run(new Work());
        var before = await Dump();
        await using var worker = await Start(gate, isWorker: true);
        await gate.Entered;

        await Restore(before);
        await Task.Delay(Lease);
        gate.Open();

        Assert.Equal((TaskState.Succeeded, 1), await TaskQueueFixture.EndOf(run) is var end ? (end.State, end.Attempts.Count) : default);
        Assert.Equal(1, gate.Visitors);
    }

    [Fact]
    public async Task A_run_whose_outcome_is_forgotten_is_run_again()
    {
        var gate = new Gate();
        await using var queue = await Start(gate, isWorker: true);
        var run = await queue.Client.Run(new Work());
        await gate.Entered;
        var before = await Dump();
        gate.Open();
        await TaskQueueFixture.EndOf(run);

        await Restore(before);

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Succeeded, 2, "WorkerLost"), (end.State, end.Attempts.Count, end.Attempts[0].Error?.Type));
        Assert.Equal(2, gate.Visitors);
    }

    private Task<TaskQueueFixture> Start(Gate gate, bool isWorker) => TaskQueueFixture.Start(queue =>
    {
        RealServers.Use(queue);
        queue.Configure(options => (options.Prefix, options.Lease, options.IsWorker) = (_prefix, Lease, isWorker));
        queue.AddTask((Work _, CancellationToken token) => gate.Pass(token));
    });

    private async Task<IReadOnlyDictionary<string, byte[]>> Dump()
    {
        var dump = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in Keys())
            dump[key] = await _redis.GetDatabase().KeyDumpAsync(key);
        return dump;
    }

    private async Task Restore(IReadOnlyDictionary<string, byte[]> dump)
    {
        var database = _redis.GetDatabase();
        foreach (var key in Keys())
            await database.KeyDeleteAsync(key);
        foreach (var (key, value) in dump)
            await database.KeyRestoreAsync(key, value);
    }

    private List<string> Keys() => [.. _redis.GetServer(RealServers.Redis).Keys(pattern: $"{_prefix}:run:*").Select(key => (string)key)];
}
