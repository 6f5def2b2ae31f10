using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Client;
using TasksBus.Tests.Servers;
using TasksBus.Tracking;

namespace TasksBus.Tests.Delays;

/// <summary>Where delayed runs are while they wait, and what becomes of those whose dispatcher dies, on RabbitMQ and Redis.</summary>
public sealed class DelayedRunsOnServersTests : IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Guid> _attempts = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(_prefix, "tasks");

    /// <remarks>What a worker held would go back to its queue when it stops.</remarks>
    [Fact]
    public async Task None_of_many_runs_that_wait_for_their_instant_is_held_by_the_broker_or_a_worker()
    {
        const int count = 1_000;
        await using var client = await Start(isWorker: false);
        int whileUp;
        await using (var worker = await Start(isWorker: true))
        {
            await client.Client.RunMany(Enumerable.Range(0, count).Select(number => new Work($"{number}")), new RunOptions { Delay = TimeSpan.FromHours(1) });
            await (await client.Client.Run(new Work("now"))).Completion(TaskQueueFixture.Patience);
            whileUp = await RealServers.CountWaiting($"{_prefix}.tasks");
        }

        Assert.Equal((0, 0), (whileUp, await RealServers.CountWaiting($"{_prefix}.tasks")));
        Assert.Equal(count, await client.Monitor.Count(TaskState.Scheduled));
    }

    /// <remarks>The dispatcher that dies here is one that has taken the run from the store and does nothing more, or sends it and does not record that.</remarks>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delayed_run_whose_dispatcher_died_after_it_had_taken_or_sent_it_runs_once(bool wasSent)
    {
        await using var dying = await Start(isWorker: false);
        var (store, hidden) = (dying.Services.GetRequiredService<RunTracker>().Documents, TimeSpan.FromSeconds(1));
        var run = await dying.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromMilliseconds(300) });
        StoredSaga? taken = null;
        await Eventually(async () => (taken = (await store.Store.TakeDue(TimeProvider.System.GetUtcNow(), hidden, limit: 1)).Sagas.SingleOrDefault()) is not null);
        if (wasSent)
            await dying.Services.GetRequiredService<RunSender>().Send(RunMessage.From(store.Read(taken!).Saga), CancellationToken.None);

        await using var other = await Start(isWorker: true);
        var end = await run.Completion(TaskQueueFixture.Patience);
        await Eventually(async () => (await store.Store.TakeDue(DateTimeOffset.UnixEpoch, hidden, limit: 1)).NextAt is null && await RealServers.CountWaiting($"{_prefix}.tasks") == 0);
        await (await dying.Client.Run(new Work("last"))).Completion(TaskQueueFixture.Patience);

        Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt));
        Assert.Single(_attempts, run.RunId);
    }

    private Task<TaskQueueFixture> Start(bool isWorker) => TaskQueueFixture.Start(queue =>
    {
        RealServers.Use(queue);
        queue.Configure(options => (options.Prefix, options.IsWorker, options.Concurrency) = (_prefix, isWorker, 1));
        queue.AddTask((Work _, TaskContext context) => _attempts.Enqueue(context.RunId));
    });
}
