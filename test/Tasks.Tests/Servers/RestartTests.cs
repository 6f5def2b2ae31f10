using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Tests.Servers;

/// <summary>What outlives the processes that began it.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(_prefix, "tasks");

    [Fact]
    public async Task A_run_that_was_submitted_before_any_worker_had_ever_started_is_not_lost()
    {
        Guid id;
        await using (var submitter = await Submitter())
            id = (await submitter.Client.Run(new Add(1, 2))).RunId;

        await using var worker = await Worker();

        Assert.Equal(3, await worker.Client.Find<int>(id).Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_run_that_an_application_published_before_any_worker_had_ever_started_is_not_lost_and_is_tracked()
    {
        var run = new RunTask<Add>(new Add(1, 2));
        await using (var application = await TaskQueueFixture.StartHost(services =>
        {
            services.AddMassTransit(bus => bus.UsingRabbitMq((_, rabbitMq) => rabbitMq.Host(new Uri(RealServers.RabbitMq))));
            services.AddTaskQueue(queue => queue.UseRedis(RealServers.Redis).Configure(Prefixed).Configure(options => options.IsWorker = false).AddTaskType<Add>());
        }))
        {
            await using var scope = application.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().Publish(run);
        }

        await using var worker = await Worker();

        var found = worker.Client.Find<int>(run.RunId);
        await using var asking = worker.Services.CreateAsyncScope();
        var client = asking.ServiceProvider.GetRequiredService<IRequestClient<GetTaskState>>();
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await client.GetResponse<TaskSnapshot>(new GetTaskState(run.RunId), patience.Token)).Message.State != TaskState.Succeeded)
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        Assert.Equal(3, await found.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_delayed_run_survives_the_restart_of_every_process()
    {
        Guid id;
        await using (var first = await Worker())
            id = (await first.Client.Run(new Add(1, 2), new RunOptions { Delay = TimeSpan.FromSeconds(1) })).RunId;

        await using var second = await Worker();

        Assert.Equal(3, await second.Client.Find<int>(id).Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_delayed_run_whose_dispatcher_has_died_between_taking_and_sending_it_is_neither_lost_nor_run_twice()
    {
        await using var submitter = await Submitter();
        var run = await submitter.Client.Run(new Add(1, 2), new RunOptions { Delay = TimeSpan.FromMilliseconds(100) });

        await TakeAndDie(submitter, run.RunId);
        await using var worker = await Worker();

        Assert.Equal(3, await run.Result(TaskQueueFixture.Patience));
        Assert.Equal(1, (await run.Snapshot()).Attempt);
    }

    [Fact]
    public async Task A_task_is_found_by_its_name_alone_once_a_worker_has_announced_it()
    {
        await using var worker = await Worker();
        await using var stranger = await TaskQueueFixture.Start(queue => Configure(queue).Configure(options => options.IsWorker = false));
        var name = TaskName.Of(typeof(Add));

        var run = await Announced(() => stranger.Client.Run(name, new { x = 1, y = 2 }));

        Assert.Equal(3, await run.Result<int>(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task What_one_process_submits_another_runs_and_a_third_watches()
    {
        await using var submitter = await Submitter();
        await using var worker = await Worker();
        await using var watcher = await Submitter();
        var run = await submitter.Client.Run(new Add(20, 22));

        var states = new List<TaskState>();
        await foreach (var snapshot in watcher.Client.Find(run.RunId).Watch())
            states.Add(snapshot.State);

        Assert.Equal(TaskState.Succeeded, states[^1]);
        Assert.Equal(42, await run.Result(TaskQueueFixture.Patience));
    }

    private static async Task TakeAndDie(TaskQueueFixture process, Guid run)
    {
        var runs = process.Services.GetRequiredService<ISagaStores>().Of("run");
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await runs.TakeDue(TimeProvider.System.GetUtcNow(), hiddenFor: TimeSpan.FromSeconds(1), limit: 10)).Sagas.All(taken => taken.Id != run))
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }

    private Task<TaskQueueFixture> Submitter() =>
        TaskQueueFixture.Start(queue => Configure(queue).Configure(options => options.IsWorker = false).AddTaskType<Add>());

    private Task<TaskQueueFixture> Worker() => TaskQueueFixture.Start(queue => Configure(queue).AddTask((Add task) => task.X + task.Y));

    private ITaskQueueBuilder Configure(ITaskQueueBuilder queue)
    {
        RealServers.Use(queue);
        return queue.Configure(Prefixed);
    }

    private void Prefixed(TaskQueueOptions options) => options.Prefix = _prefix;

    private static async Task<TaskHandle> Announced(Func<Task<TaskHandle>> run)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (true)
        {
            try
            {
                return await run();
            }
            catch (UnknownTaskException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
            }
        }
    }
}
