using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Tests.Queues;

public class QueueOptionsTests
{
    [Fact]
    public void A_worker_reads_the_queues_of_its_handlers_unless_it_is_told_otherwise()
    {
        Assert.Equal(["images", "tasks"], Read([]));
        Assert.Equal(["tasks"], Read([new("SkipQueues:0", "images")]));
        Assert.Equal(["rush", "tasks"], Read([new("Queues:0", "rush"), new("ReadQueues:0", "rush"), new("ReadQueues:1", "tasks")]));
    }

    [Theory]
    [InlineData("ReadQueues:0", "imagse", "names queue 'imagse', which no task of this process has. Did you mean 'images'?")]
    [InlineData("SkipQueues:0", "reports", "Correct it, or add it to Queues.")]
    [InlineData("Queues:0", "my tasks", "The task queue: 'my tasks' is no name of a queue. Give 1 to 200 letters")]
    [InlineData("Routes:0:Queue", "images", "Routes: QueueRoute.Task is ''.")]
    [InlineData("PerQueue:images:Concurrency", "0", "Queue 'images': QueueOptions.Concurrency is '0'. Give 1 to 10,000.")]
    public void A_queue_that_cannot_be_stops_the_host(string key, string value, string expected)
    {
        var error = Assert.Throws<TaskQueueConfigurationException>(() => Read([new(key, value)]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_with_nothing_left_to_read_stops_the_host()
    {
        KeyValuePair<string, string?>[] skipped = [new("SkipQueues:0", "images"), new("SkipQueues:1", "tasks")];

        var error = Assert.Throws<TaskQueueConfigurationException>(() => Read(skipped));

        Assert.Contains("SkipQueues is 'images', 'tasks', which leaves this worker no queue to read. Remove one, or set IsWorker = false", error.Message, StringComparison.Ordinal);
        Assert.Empty(Read([.. skipped, new("IsWorker", "false")]));
    }

    [Fact]
    public void A_task_whose_queue_has_no_name_stops_the_host()
    {
        var services = new ServiceCollection().AddLogging().AddTaskQueue(queue => queue.AddTask((Work _) => { }, task => task.Queue = "")).BuildServiceProvider();

        var error = Assert.Throws<TaskQueueConfigurationException>(services.GetRequiredService<TaskCatalogue>);

        Assert.Contains("Task 'TasksBus.Tests.Work': '' is no name of a queue.", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Read(IEnumerable<KeyValuePair<string, string?>> configuration)
    {
        var services = new ServiceCollection().AddLogging().AddTaskQueue(queue => queue
            .Configure(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build())
            .AddTask((Work _) => { })
            .AddTask((Add task) => task.X + task.Y, task => task.Queue = "images")).BuildServiceProvider();
        return services.GetRequiredService<TaskCatalogue>().ReadQueues.Order();
    }
}
