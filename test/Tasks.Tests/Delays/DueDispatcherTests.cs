using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using TasksBus.Delays;
using TasksBus.InMemory;
using TasksBus.Tracking;

namespace TasksBus.Tests.Delays;

/// <summary>Each document that is due is handed on by one dispatcher, and by another one if that has died.</summary>
public sealed class DueDispatcherTests
{
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _clock = new();
    private readonly InMemorySagaStore _store;
    private readonly List<Guid> _handedOn = [];

    public DueDispatcherTests() => _store = new InMemorySagaStore(_clock);

    [Fact]
    public async Task Two_dispatchers_hand_on_what_is_due_once()
    {
        await using var first = Dispatcher(Finish);
        await using var second = Dispatcher(Finish);
        var ids = await Store(count: 250);

        await Task.WhenAll(first.DispatchDue(CancellationToken.None), second.DispatchDue(CancellationToken.None));

        Assert.Equal(ids.Order(), _handedOn.Order());
    }

    [Fact]
    public async Task What_a_dispatcher_took_that_died_is_handed_on_by_another_when_it_is_not_hidden_any_more()
    {
        var id = Assert.Single(await Store(count: 1));
        await using var dead = Dispatcher((_, _) => throw new InvalidOperationException("died"));
        await using var alive = Dispatcher(Finish);
        await dead.DispatchDue(CancellationToken.None);

        _clock.Advance(Hidden - TimeSpan.FromSeconds(1));
        await alive.DispatchDue(CancellationToken.None);
        var early = _handedOn.ToList();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await alive.DispatchDue(CancellationToken.None);

        Assert.Empty(early);
        Assert.Equal(id, Assert.Single(_handedOn));
    }

    [Fact]
    public async Task One_that_takes_long_does_not_keep_those_behind_it_waiting()
    {
        var ids = await Store(count: 150);
        var (all, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var dispatcher = Dispatcher(async (saga, _) =>
        {
            if (saga.Id == ids[0])
                await gate.Task;
            await Finish(saga, CancellationToken.None);
            if (_handedOn.Count == ids.Count - 1)
                all.SetResult();
        });

        var dispatching = dispatcher.DispatchDue(CancellationToken.None);
        await all.Task.WaitAsync(TaskQueueFixture.Patience, TimeProvider.System);

        Assert.DoesNotContain(ids[0], _handedOn);
        gate.SetResult();
        await dispatching;
    }

    [Fact]
    public async Task A_stop_lets_what_was_taken_come_to_its_end()
    {
        var id = Assert.Single(await Store(count: 1));
        var (taken, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var dispatcher = Dispatcher(async (saga, cancellationToken) =>
        {
            taken.SetResult();
            await gate.Task.WaitAsync(cancellationToken);
            await Finish(saga, cancellationToken);
        });
        dispatcher.Start();
        await taken.Task.WaitAsync(TaskQueueFixture.Patience, TimeProvider.System);

        var stop = dispatcher.Stop();
        gate.SetResult();
        await stop.WaitAsync(TaskQueueFixture.Patience, TimeProvider.System);

        Assert.Equal(id, Assert.Single(_handedOn));
    }

    [Fact]
    public async Task What_is_due_soon_is_taken_together_as_long_before_as_it_was_told_to()
    {
        var now = _clock.GetUtcNow();
        foreach (var milliseconds in (int[])[1, 9, 10, 11])
            await _store.Save(new SagaWrite { Id = Guid.NewGuid(), ExpectedVersion = 0, Document = default, DueAt = now.AddMilliseconds(milliseconds) });
        await using var dispatcher = Dispatcher(Finish, ahead: TimeSpan.FromMilliseconds(10));

        await dispatcher.DispatchDue(CancellationToken.None);

        Assert.Equal(3, _handedOn.Count);
    }

    private DueDispatcher Dispatcher(Func<StoredSaga, CancellationToken, Task> handOn, TimeSpan ahead = default) => new(_store, handOn, Hidden, ahead, _clock, NullLogger<DueDispatcher>.Instance);

    private async Task<IReadOnlyList<Guid>> Store(int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => Guid.NewGuid()).ToList();
        foreach (var (i, id) in ids.Index())
            await _store.Save(new SagaWrite { Id = id, ExpectedVersion = 0, Document = default, DueAt = _clock.GetUtcNow().AddTicks(i - count) });
        return ids;
    }

    private async Task Finish(StoredSaga saga, CancellationToken cancellationToken)
    {
        lock (_handedOn)
            _handedOn.Add(saga.Id);
        await _store.Remove(saga.Id, saga.Version, cancellationToken);
    }
}
