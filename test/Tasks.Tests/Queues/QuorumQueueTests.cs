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
    }
}
