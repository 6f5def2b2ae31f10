using RabbitMQ.Client;
using RabbitMQ.Client.Events;

using TasksBus.Tests.Servers;

namespace TasksBus.FaultTests;

/// <summary>Hears a copy of each message that is sent to a queue.</summary>
internal sealed class MessageTap : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly IConnection _connection;
    private int _count;
    private int _longest;

    private MessageTap(IConnection connection) => _connection = connection;

    /// <summary>Begins to listen; the queue must have been declared.</summary>
    public static async Task<MessageTap> Open(string brokerQueue)
    {
        var tap = new MessageTap(await new ConnectionFactory { Uri = new Uri(RealServers.RabbitMq) }.CreateConnectionAsync());
        var channel = await tap._connection.CreateChannelAsync();
        var copies = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(copies.QueueName, brokerQueue, routingKey: "");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) => tap.Hear(message.Body.Length);
        await channel.BasicConsumeAsync(copies.QueueName, autoAck: true, consumer);
        return tap;
    }

    /// <summary>Waits until so many messages have come since the last time.</summary>
    /// <returns>How many there were, and how long the longest of them was.</returns>
    public async Task<(int Count, int Longest)> Take(int atLeast)
    {
        using var patience = new CancellationTokenSource(Fleet.Patience);
        while (Volatile.Read(ref _count) < atLeast)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        lock (_lock)
        {
            var heard = (_count, _longest);
            (_count, _longest) = (0, 0);
            return heard;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task Hear(int length)
    {
        lock (_lock)
            (_count, _longest) = (_count + 1, Math.Max(_longest, length));
        return Task.CompletedTask;
    }
}
