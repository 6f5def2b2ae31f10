using RabbitMQ.Client;

using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Queues;

public class QuorumQueueTests
{
    [Fact]
    public async Task Runs_go_through_quorum_queues_when_the_switch_is_on()
    {
        await using var queue = await TaskQueueFixture.Start(queue =>
        {
            RealServers.Use(queue);
            queue.Configure(options => options.QuorumQueues = true).AddTask((Add task) => task.X + task.Y);
        });

        var run = await queue.Client.Run(new Add(1, 2));

        Assert.Equal(3, await run.Result(TaskQueueFixture.Patience));

        // The broker refuses to declare a queue that is there with other arguments.
        await using var connection = await new ConnectionFactory { Uri = new Uri(RealServers.RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var name in new[] { $"{queue.Options.Prefix}.tasks", $"{queue.Options.Prefix}-workflows" })
        {
            await channel.QueueDeclareAsync(
                name, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000 });
        }
    }
}
