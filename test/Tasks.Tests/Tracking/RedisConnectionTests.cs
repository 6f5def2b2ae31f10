using System.Reflection;
using System.Text;

using TasksBus.Storage;
using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Tracking;

public sealed class RedisConnectionTests
{
    [Fact]
    public async Task Without_Redis_the_error_names_the_address_but_not_the_password()
    {
        await using var connection = new RedisConnection("127.0.0.1:1,password=secret");
        var store = new RedisSagaStore(connection, "test", "run", 1);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.Load(Guid.NewGuid()));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.Watch(Guid.NewGuid(), _ => { }));

        Assert.Equal("127.0.0.1:1", error.Address);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("interactive")]
    [InlineData("subscription")]
    public async Task A_client_that_takes_a_lost_connection_for_established_is_replaced(string connectionOf)
    {
        await using var connection = new RedisConnection(RealServers.Redis);
        var signals = new RedisSignals(connection);
        var client = await connection.Open(CancellationToken.None);
        var heard = new SemaphoreSlim(0);
        await using var listening = await signals.Listen([Encoding.UTF8.GetBytes($"{Guid.NewGuid()}")], _ => { }, () => Task.FromResult(heard.Release()), CancellationToken.None);

        // As the client is after it has noted a loss while it was connecting again already.
        var bridge = FieldOf(FieldOf(client.GetServer(client.GetEndPoints()[0]), "server"), connectionOf);
        bridge.GetType().GetField("physical", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(bridge, value: null);

        Assert.True(await heard.WaitAsync(TaskQueueFixture.Patience), "Nobody has subscribed again.");
        Assert.NotSame(client, await connection.Open(CancellationToken.None));
        var answer = await connection.Run(RedisScript.CountNodes, [$"none-{Guid.NewGuid()}", "none"], [], CancellationToken.None);
        Assert.False(answer.IsNull);
    }

    private static object FieldOf(object owner, string name) => owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;

    [Theory]
    [InlineData("localhost,pasword=secret", "pasword")]
    [InlineData("password=secret", "names no address")]
    [InlineData("localhost:port,password=secret", "names no address: 'localhost:port' is none")]
    [InlineData("localhost:70000", "cannot be read")]
    [InlineData("localhost,channelPrefix=x", "channelPrefix")]
    [InlineData("redis://:secret@localhost:6379", "is a URL")]
    public void A_connection_string_that_cannot_be_used_is_refused_at_once(string configuration, string expected)
    {
        var error = Assert.Throws<TaskQueueConfigurationException>(() => new RedisConnection(configuration));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void A_number_of_partitions_out_of_range_is_refused(int partitions)
    {
        Assert.Throws<TaskQueueConfigurationException>(() => RedisSagaStore.Check("localhost", partitions));
    }

    [Fact]
    public async Task Who_names_the_same_address_shares_a_connection()
    {
        await using var connections = new RedisConnections();

        Assert.Same(connections.Get("localhost"), connections.Get("localhost"));
        Assert.NotSame(connections.Get("localhost"), connections.Get("localhost:6380"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(1024)]
    public void Documents_are_spread_evenly_whether_their_ids_are_random_or_in_order(int partitions)
    {
        var keys = new RedisKeys("test", "run", partitions);
        foreach (var ids in new[] { Enumerable.Range(0, partitions * 100).Select(_ => Guid.NewGuid()), Enumerable.Range(0, partitions * 100).Select(InOrder) })
            Assert.InRange(ids.GroupBy(keys.Of).Max(group => group.Count()), 100, 200);

        static Guid InOrder(int number) => new(0x01980000, 0, 0x7000, [0x80, 0, 0, 0, .. BitConverter.GetBytes(number)]);
    }
}
