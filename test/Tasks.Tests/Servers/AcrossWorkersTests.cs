using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Tests.Servers;

/// <summary>What is said to one process counts for others, also for those that are not there yet or about to go.</summary>
public sealed class AcrossWorkersTests : IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(_prefix, "tasks", "rush");

    [Fact]
    public async Task A_run_that_is_revoked_while_no_worker_is_up_is_never_run()
    {
        var gate = new Gate();
        await using var submitter = await Submitter();
        var revoked = await submitter.Client.Run(new Work());
        var wanted = await submitter.Client.Run(new Work());

        var answer = Assert.Single(await submitter.Services.GetRequiredService<ITaskControl>().Revoke([revoked.RunId]));
        gate.Open();
        await using var worker = await Worker(gate);
        await TaskQueueFixture.EndOf(wanted);

        Assert.Equal(RevokeResult.Revoked, answer.Result);
        Assert.Equal((TaskState.Revoked, 1), ((await revoked.Snapshot()).State, gate.Visitors));
    }

    [Fact]
    public async Task A_run_that_is_revoked_while_its_worker_shuts_down_is_not_handed_to_another()
    {
        var (first, second) = (new Gate(), new Gate());
        await using var submitter = await Submitter();
        await using var stopping = await Worker(first);
        var run = await submitter.Client.Run(new Work());
        await TaskQueueFixture.Until(run, TaskState.Running);
        await using var other = await Worker(second);

        var stop = stopping.Stop();
        var answer = Assert.Single(await submitter.Services.GetRequiredService<ITaskControl>().Revoke([run.RunId]));
        var end = await TaskQueueFixture.EndOf(run);
        await stop.WaitAsync(TaskQueueFixture.Patience);

        Assert.Equal(RevokeResult.Signalled, answer.Result);
        Assert.Equal((TaskState.Revoked, 1, 0), (end.State, end.Attempts.Count, second.Visitors));
    }

    [Fact]
    public async Task A_step_whose_message_the_broker_has_lost_is_sent_again()
    {
        var gate = new Gate();
        gate.Open();
        await using var worker = await Worker(gate);
        var queues = worker.Services.GetRequiredService<ITaskQueues>();
        await queues.Pause("tasks");
        var workflow = await worker.Client.Run(Workflow.Group(new Work().ToCall(), new Work().ToCall()).Then(new Work()));
        await Eventually(async () => await RealServers.CountWaiting($"{_prefix}.tasks") == 2 && await worker.Monitor.Count(TaskState.Pending) == 2);

        await RealServers.Purge($"{_prefix}.tasks");
        await queues.Resume("tasks");

        Assert.Equal(WorkflowState.Succeeded, (await workflow.Completion(TaskQueueFixture.Patience)).State);
        Assert.Equal(3, gate.Visitors);
    }

    [Fact]
    public async Task A_queue_stays_paused_for_workers_that_start_later()
    {
        var gate = new Gate();
        gate.Open();
        await using var submitter = await Submitter();
        var queues = submitter.Services.GetRequiredService<ITaskQueues>();
        await queues.Pause("tasks");
        var run = await submitter.Client.Run(new Work());

        await using var worker = await Worker(gate);
        var isRead = (await queues.List()).Single(queue => queue.Name == "tasks").Readers.Count > 0;
        var waiting = await run.Snapshot();
        await queues.Resume("tasks");

        Assert.False(isRead);
        Assert.Equal(TaskState.Pending, waiting.State);
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
    }

    [Fact]
    public async Task What_queues_workers_are_to_read_is_remembered_for_those_that_start_later()
    {
        var gate = new Gate();
        gate.Open();
        await using var submitter = await Submitter();
        var queues = submitter.Services.GetRequiredService<ITaskQueues>();
        await queues.Add("rush");
        await queues.Remove("tasks");
        var rush = await submitter.Client.Run(new Work(), new RunOptions { Queue = "rush" });
        var left = await submitter.Client.Run(new Work());

        await using var worker = await Worker(gate);
        await TaskQueueFixture.EndOf(rush);

        Assert.Equal(TaskState.Pending, (await left.Snapshot()).State);
        Assert.Equal(["rush"], (await queues.List()).Where(queue => queue.Readers.Count > 0).Select(queue => queue.Name));
    }

    [Theory]
    [InlineData(null, 4)]
    [InlineData(5, 1)]
    public async Task A_worker_takes_no_more_from_the_broker_than_it_can_run_unless_it_is_told_so(int? prefetch, int left)
    {
        var gate = new Gate();
        await using var submitter = await Submitter();
        var runs = await submitter.Client.RunMany(Enumerable.Range(0, 6).Select(_ => new Work()));

        await using var worker = await Worker(gate, concurrency: 2, prefetch);
        await gate.Entered;

        Assert.Equal(left, await Left());
        gate.Open();
        Assert.All(await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf)), end => Assert.Equal(TaskState.Succeeded, end.State));

        async Task<int> Left()
        {
            using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
            while (true)
            {
                var waiting = await RealServers.CountWaiting($"{_prefix}.tasks");
                if (waiting == left || patience.IsCancellationRequested)
                    return waiting;
            }
        }
    }

    [Fact]
    public async Task A_limit_that_was_set_is_remembered_for_workers_that_start_later()
    {
        var gate = new Gate();
        await using var submitter = await Submitter();
        var (limits, target) = (submitter.Services.GetRequiredService<ITaskLimits>(), LimitTarget.Task(TaskName.Of(typeof(Work))));
        await limits.Set(target, new LimitOptions { MaxConcurrent = 1 });
        var runs = await submitter.Client.RunMany([new Work(), new Work(), new Work()]);

        await using var worker = await Worker(gate);
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await limits.Find(target, patience.Token)).Waiting < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        await gate.Entered;
        var visitors = gate.Visitors;
        gate.Open();

        Assert.Equal(1, visitors);
        Assert.All(await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf)), end => Assert.Equal(TaskState.Succeeded, end.State));
    }

    [Fact]
    public async Task Of_those_that_wait_in_a_queue_the_highest_priority_comes_first()
    {
        var gate = new Gate();
        gate.Open();
        await using var submitter = await Submitter();
        var runs = new List<TaskHandle>();
        foreach (var priority in new[] { 0, 5, 9, 1 })
            runs.Add(await submitter.Client.Run(new Work(), new RunOptions { Priority = priority }));

        await using var worker = await Worker(gate, concurrency: 1);
        var ends = await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        Assert.Equal([9, 5, 1, 0], ends.OrderBy(end => end.StartedAt).Select(end => end.Priority));
    }

    [Fact]
    public async Task Of_chains_that_wait_in_a_queue_the_one_of_the_highest_priority_comes_first_with_all_its_steps()
    {
        var order = new ConcurrentQueue<string>();
        await using var starter = await TaskQueueFixture.Start(queue => Configure(queue)
            .Configure(options =>
            {
                options.Queues.Add("elsewhere");
                options.ReadQueues.Add("elsewhere");
            })
            .AddTaskType<Work>());
        var chains = new List<WorkflowHandle>();
        foreach (var priority in new[] { 1, 9, 5 })
            chains.Add(await starter.Client.Run(Workflow.Chain(new Work($"{priority}, first")).Then(new Work($"{priority}, second")), new WorkflowOptions { Priority = priority }));
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (await RealServers.CountWaiting($"{_prefix}.tasks") < chains.Count)
            await Task.Delay(20, patience.Token);

        await using var worker = await TaskQueueFixture.Start(queue => Configure(queue)
            .Configure(options => options.Concurrency = 1)
            .AddTask((Work work, TaskContext _) =>
            {
                order.Enqueue(work.Name);
                return Task.CompletedTask;
            }));
        foreach (var chain in chains)
            await chain.Completion(TaskQueueFixture.Patience);

        Assert.Equal(["9, first", "9, second", "5, first", "5, second", "1, first", "1, second"], order);
    }

    private Task<TaskQueueFixture> Submitter() => TaskQueueFixture.Start(queue => Configure(queue)
        .Configure(options =>
        {
            options.IsWorker = false;
            options.Queues.Add("rush");
        })
        .AddTaskType<Work>());

    private Task<TaskQueueFixture> Worker(Gate gate, int concurrency = 16, int? prefetch = null) => TaskQueueFixture.Start(queue => Configure(queue)
        .Configure(options => (options.ShutdownTimeout, options.Concurrency, options.PerQueue["tasks"]) = (TimeSpan.FromSeconds(20), concurrency, new QueueOptions { Prefetch = prefetch }))
        .AddTask((Work _, CancellationToken token) => gate.Pass(token)));

    private ITaskQueueBuilder Configure(ITaskQueueBuilder queue)
    {
        RealServers.Use(queue);
        return queue.Configure(options => options.Prefix = _prefix);
    }
}
