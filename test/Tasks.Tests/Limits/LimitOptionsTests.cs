using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Tests.Limits;

public class LimitOptionsTests
{
    [Theory]
    [InlineData("10/s", 0.1)]
    [InlineData("100/m", 0.6)]
    [InlineData(" 2 / h ", 1_800)]
    [InlineData("1/d", 86_400)]
    public void A_rate_is_a_number_a_slash_and_a_unit(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RateLimit.Parse(text).Interval);

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("0/s")]
    [InlineData("-1/s")]
    [InlineData("10/w")]
    [InlineData("1.5/s")]
    [InlineData("10/s/s")]
    [InlineData("2000000/s")]
    public void What_is_no_rate_is_refused_with_the_way_out(string text)
    {
        var error = Assert.Throws<FormatException>(() => RateLimit.Parse(text));

        Assert.Contains($"'{text}' is no rate. Write 1 to 1,000,000, a slash and s, m, h or d", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Tasks:TasksBus.Tests.Limits.Upload:Limit:Rate", "10", "TaskOptions.Limit.Rate is '10'. '10' is no rate.")]
    [InlineData("Tasks:TasksBus.Tests.Limits.Upload:KeyLimit:MaxConcurrent", "0", "TaskOptions.KeyLimit.MaxConcurrent is '0'. Give 1 to 1,000,000")]
    [InlineData("TaskLimit:MaxConcurrent", "-1", "TaskQueueOptions.TaskLimit.MaxConcurrent is '-1'.")]
    [InlineData("PerQueue:images:Limit:Rate", "fast", "Queue 'images': QueueOptions.Limit.Rate is 'fast'.")]
    [InlineData("TaskLimit:Burst", "10", "TaskQueueOptions.TaskLimit.Burst is '10'. Without a Rate, nothing is spread. Set Rate too")]
    [InlineData("PerQueue:images:Concurency", "3", "Did you mean 'Concurrency'?")]
    [InlineData("Tasks:TasksBus.Tests.Limits.Upload:Limit:MaxConcurent", "3", "Did you mean 'MaxConcurrent'?")]
    public void A_limit_that_cannot_be_stops_the_host(string key, string value, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        var services = new ServiceCollection().AddLogging().AddTaskQueue(queue => queue.Configure(configuration).AddTask((Upload _) => { })).BuildServiceProvider();

        var error = Assert.Throws<TaskQueueConfigurationException>(services.GetRequiredService<TaskCatalogue>);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_with_a_limit_but_no_key_is_refused()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Upload _) => { }));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Upload("acme"), new RunOptions { KeyLimit = new LimitOptions { MaxConcurrent = 1 } }));

        Assert.Contains("KeyLimit is given without a LimitKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_that_nobody_falls_under_is_not_set()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Upload _) => { }));
        var (limits, one) = (queue.Services.GetRequiredService<ITaskLimits>(), new LimitOptions { MaxConcurrent = 1 });

        var task = await Assert.ThrowsAsync<UnknownTaskException>(() => limits.Set(LimitTarget.EachKey("TasksBus.Tests.Limits.Uplod"), one));
        var name = await Assert.ThrowsAsync<UnknownQueueException>(() => limits.Set(LimitTarget.Queue("task"), one));

        Assert.Contains("Nobody has registered a task 'TasksBus.Tests.Limits.Uplod', neither this process nor a worker. Did you mean 'TasksBus.Tests.Limits.Upload'?", task.Message, StringComparison.Ordinal);
        Assert.Contains("Queue 'task' is known neither to this process nor to a worker. Did you mean 'tasks'?", name.Message, StringComparison.Ordinal);
        Assert.Empty(await limits.List());
    }

    [Fact]
    public async Task A_limit_can_be_set_for_a_task_that_only_workers_elsewhere_know()
    {
        await using var queue = await TaskQueueFixture.Start(_ => { }, services => services.AddSingleton<ITaskDirectory, Elsewhere>());
        var limits = queue.Services.GetRequiredService<ITaskLimits>();

        await limits.Set(LimitTarget.Key("elsewhere", "acme"), new LimitOptions { MaxConcurrent = 1 });
        await limits.Set(LimitTarget.Queue("far"), new LimitOptions { MaxConcurrent = 1 });

        Assert.Equal([("elsewhere", null), (null, "far")], (await limits.List()).Select(limit => (limit.Target.TaskName, limit.Target.QueueName)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_target_without_a_name_is_refused(string name)
    {
        Func<LimitTarget>[] targets = [() => LimitTarget.Task(name), () => LimitTarget.Queue(name), () => LimitTarget.EachKey(name), () => LimitTarget.Key(name, "acme"), () => LimitTarget.Key("task", name)];

        Assert.All(targets, target => Assert.StartsWith($"'{name}' limits nothing. Give ", Assert.Throws<ArgumentException>(target).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_limit_that_cannot_be_is_not_set()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Upload _) => { }));
        var limits = queue.Services.GetRequiredService<ITaskLimits>();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => limits.Set(LimitTarget.Queue("tasks"), new LimitOptions { Rate = "often" }));

        Assert.Contains("The limit of queue:tasks cannot be set: LimitOptions.Rate is 'often'.", error.Message, StringComparison.Ordinal);
        Assert.Empty(await limits.List());
    }

    private sealed class Elsewhere : ITaskDirectory
    {
        public ValueTask Announce(IReadOnlyCollection<TaskListing> tasks, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask<IReadOnlyCollection<TaskListing>> List(CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IReadOnlyCollection<TaskListing>>([new TaskListing("elsewhere", "far")]);
    }
}
