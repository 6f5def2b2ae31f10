using Microsoft.Extensions.DependencyInjection;

using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

using TasksBus.Configuration;

namespace TasksBus.Tests.Servers;

/// <summary>The RabbitMQ and the Redis of the tests; <c>build/services.sh start</c> starts them.</summary>
internal static class RealServers
{
    public static string RabbitMq { get; } = Environment.GetEnvironmentVariable("TASKSBUS_RABBITMQ") ?? "amqp://guest:guest@127.0.0.1:5672";

    public static string Redis { get; } = Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379";

    public static void Use(ITaskQueueBuilder queue)
    {
        queue.UseRabbitMq(RabbitMq);
        queue.UseRedis(Redis);
    }

    /// <summary>How many messages of a queue no worker has taken; none, if nobody has declared it yet.</summary>
    public static async Task<int> CountWaiting(string brokerQueue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (int)await channel.MessageCountAsync(brokerQueue);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            return 0;
        }
    }

    /// <summary>Makes the broker lose all messages of a queue that no worker has taken.</summary>
    public static async Task Purge(string brokerQueue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueuePurgeAsync(brokerQueue);
    }

    /// <summary>Deletes what a task queue has declared on the broker; its keys in Redis go with their lifetimes.</summary>
    public static async Task DeleteQueues(string prefix, params string[] queues)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var name in queues.Select(queue => $"{prefix}.{queue}").Concat([$"{prefix}-tracking", $"{prefix}-workflows", $"{prefix}-scheduler"]))
        {
            foreach (var declared in new[] { name, name + "_error", name + "_skipped" })
            {
                await channel.QueueDeleteAsync(declared);
                await channel.ExchangeDeleteAsync(declared);
            }
        }
    }
}
