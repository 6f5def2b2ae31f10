using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using TasksBus.InMemory;
using TasksBus.Tests.Limits;
using TasksBus.Tests.Tracking;
using TasksBus.Tracking;

namespace TasksBus.Tests.Client;

/// <summary>Unique runs whose submission meets a store that does not answer.</summary>
public sealed class UniqueFailureTests
{
    private readonly FaultyStores _stores = new(new InMemorySagaStores(TimeProvider.System));
    private readonly LogCapture _log = new();

    [Fact]
    public async Task A_run_that_could_not_be_submitted_leaves_its_key_to_the_next()
    {
        await using var queue = await Start(DuplicateAction.ReturnExisting);
        var later = new RunOptions { Delay = TimeSpan.FromHours(1) };
        _stores.Saves = new FaultyStores.Fault(First: 1, Last: 1);

        var failed = await Assert.ThrowsAsync<SubmitException>(() => queue.Client.Run(new Upload("acme"), later));
        var next = await queue.Client.Run(new Upload("acme"), later);
        var same = await queue.Client.Run(new Upload("acme"), later);

        Assert.NotEqual(failed.RunId, next.RunId);
        Assert.Equal(next.RunId, same.RunId);
        Assert.Equal(TaskState.Scheduled, (await next.Snapshot()).State);
    }

    [Fact]
    public async Task A_run_that_could_not_take_the_place_of_another_leaves_it_there()
    {
        await using var queue = await Start(DuplicateAction.Replace);
        var later = new RunOptions { Delay = TimeSpan.FromHours(1) };
        var first = await queue.Client.Run(new Upload("acme"), later);
        _stores.Saves = new FaultyStores.Fault(First: 1, Last: 1);

        await Assert.ThrowsAsync<SubmitException>(() => queue.Client.Run(new Upload("acme"), later));
        var before = (await first.Snapshot()).State;
        var second = await queue.Client.Run(new Upload("acme"), later);

        Assert.Equal((TaskState.Scheduled, TaskState.Revoked), (before, (await first.Snapshot()).State));
        Assert.Equal(TaskState.Scheduled, (await second.Snapshot()).State);
    }

    [Fact]
    public async Task A_run_is_submitted_although_the_one_whose_place_it_takes_cannot_be_revoked()
    {
        await using var queue = await Start(DuplicateAction.Replace);
        var first = await queue.Client.Run(new Upload("acme"), new RunOptions { Delay = TimeSpan.FromHours(1) });
        _stores.Loads = new FaultyStores.Fault(First: 2);

        var second = await queue.Client.Run(new Upload("acme"));
        _stores.Loads = null;

        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(second)).State);
        Assert.Contains(_log.Lines, line => line.EventId == 1102 && line.Message.Contains($"{first.RunId}", StringComparison.Ordinal));
    }

    private Task<TaskQueueFixture> Start(DuplicateAction onDuplicate) => TaskQueueFixture.Start(
        queue => queue.AddTask((Upload _) => { }, task => (task.Unique.Scope, task.Unique.OnDuplicate) = (UniqueScope.UntilFinal, onDuplicate)),
        services => services.AddSingleton<ISagaStores>(_stores).AddLogging(logging => logging.AddProvider(_log)));
}
