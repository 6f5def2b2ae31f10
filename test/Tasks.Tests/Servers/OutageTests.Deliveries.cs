using Microsoft.Extensions.DependencyInjection;

using TasksBus.Transport;

namespace TasksBus.Tests.Servers;

/// <content>Runs whose delivery, or whose lease, is lost while their handlers go on.</content>
public sealed partial class OutageTests
{
    [Fact]
    public async Task An_attempt_whose_delivery_dies_keeps_its_slot()
    {
        _rabbitMq.Start();
        _redis.Start();
        var gate = new Gate();
        await using var queue = await StartQueue(
            options =>
            {
                options.ReadQueues.Add("tasks");
                options.ReadQueues.Add("other");
                options.Queues.Add("other");
                options.Concurrency = 1;
            },
            work: gate);
        var held = await queue.Client.Run(new Work());
        await gate.Entered;

        _rabbitMq.Cut();
        var second = await Patiently<TaskHandle>(async () => await queue.Client.Run(new Work()));
        await Until(async () => await RealServers.CountWaiting($"{_prefix}.tasks") == 0);
        var elsewhere = await queue.Client.Run(new Add(1, 2), new RunOptions { Queue = "other" });
        await elsewhere.Result(TaskQueueFixture.Patience);
        var visitors = gate.Visitors;

        gate.Open();
        Assert.Equal(1, visitors);
        Assert.Equal((TaskState.Succeeded, TaskState.Succeeded), ((await TaskQueueFixture.EndOf(held)).State, (await TaskQueueFixture.EndOf(second)).State));
        Assert.Equal(2, gate.Visitors);
    }

    [Fact]
    public async Task An_attempt_whose_delivery_died_is_released_when_its_worker_stops()
    {
        _rabbitMq.Start();
        _redis.Start();
        var gate = new Gate();
        await using var client = await StartQueue(options => options.IsWorker = false);
        await using var queue = await StartQueue(options => options.WorkerName = "first", work: gate);
        var held = await client.Client.Run(new Work());
        await gate.Entered;
        _rabbitMq.Cut();
        await (await Patiently(() => client.Client.Run(new Add(1, 2)))).Result(TaskQueueFixture.Patience);

        await queue.Stop();
        var stopped = await held.Snapshot();
        gate.Open();
        await using var next = await StartQueue(options => options.WorkerName = "second", work: gate);
        var end = await TaskQueueFixture.EndOf(held);

        Assert.Equal((TaskState.Pending, 0), (stopped.State, stopped.Attempt));
        Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt));
        Assert.DoesNotContain(end.Attempts, attempt => attempt.Error is not null);
    }

    [Fact]
    public async Task Nobody_is_taken_for_dead_because_the_store_was_away_for_longer_than_a_lease()
    {
        var lease = TimeSpan.FromSeconds(8);
        await using var slowRedis = BeforeRedis();
        _rabbitMq.Start();
        _redis.Start();
        slowRedis.Start();
        var gate = new Gate();
        await using var slow = await StartQueue(options => (options.WorkerName, options.Lease) = ("slow", lease), work: gate, redis: slowRedis);
        var held = await slow.Client.Run(new Work());
        await gate.Entered;
        await using var quick = await StartQueue(options => (options.WorkerName, options.Lease) = ("quick", lease), work: gate);

        _redis.Stop();
        slowRedis.Stop();
        await Task.Delay(lease * 1.5);
        _redis.Start();
        await Patiently(() => quick.Client.Find(held.RunId).Snapshot());
        await Task.Delay(lease / 3);
        slowRedis.Start();

        await Until(async () => (await Patiently(() => quick.Monitor.Workers())).Any(worker => worker.Name == "slow" && worker.Silence < lease / 2));
        gate.Open();
        var end = await Patiently(() => quick.Client.Find(held.RunId).Completion(TaskQueueFixture.Patience));
        Assert.Equal((TaskState.Succeeded, 1, 1), (end.State, end.Attempts.Count, gate.Visitors));
    }

    [Fact]
    public async Task A_worker_that_has_never_reached_the_store_gives_back_what_it_holds_when_it_stops()
    {
        _rabbitMq.Start();
        var queue = await StartQueue(options => options.SubmitTimeout = TimeSpan.FromSeconds(1), hostTimeout: TimeSpan.FromHours(1));
        await queue.Client.Run(new Work());
        await Until(async () => await RealServers.CountWaiting($"{_prefix}.tasks") == 0);

        await queue.Stop().WaitAsync(TaskQueueFixture.Patience);

        Assert.Equal(1, await RealServers.CountWaiting($"{_prefix}.tasks"));
        await queue.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_idle_worker_stops_while_the_store_is_away(bool wasThere)
    {
        _rabbitMq.Start();
        if (wasThere)
            _redis.Start();
        await using var queue = await StartQueue(hostTimeout: TimeSpan.FromHours(1));
        if (wasThere)
            await (await queue.Client.Run(new Add(1, 2))).Result(TaskQueueFixture.Patience);
        _redis.Stop();

        await queue.Stop().WaitAsync(TaskQueueFixture.Patience);
    }

    [Fact]
    public async Task A_revocation_that_comes_over_the_bus_waits_for_a_store_that_is_away()
    {
        _rabbitMq.Start();
        _redis.Start();
        await using var queue = await StartQueue();
        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });

        _redis.Stop();
        await queue.Services.GetRequiredService<QueueBus>().Bus.Publish(new RevokeTask(run.RunId, "Not needed."));
        await Task.Delay(TimeSpan.FromSeconds(5));
        _redis.Start();

        Assert.Equal(TaskState.Revoked, (await Patiently(() => run.Completion(TaskQueueFixture.Patience))).State);
    }
}
