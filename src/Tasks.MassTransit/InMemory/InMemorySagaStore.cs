using System.Collections.Concurrent;
using TasksBus.Tracking;

namespace TasksBus.InMemory;

/// <summary>
/// Keeps sagas in this process; they end with it. Documents and fields are kept as they are given, not copied: their bytes must not change afterwards.
/// Safe to share between threads.
/// </summary>
/// <param name="time">The clock of leases and lifetimes.</param>
internal sealed class InMemorySagaStore(TimeProvider time) : ISagaStore
{
    private readonly ConcurrentDictionary<Guid, InMemorySaga> _sagas = new();
    private readonly IndexCounts _counts = new();
    private readonly DueTimes _due = new();
    private readonly Expiries _expiries = new();
    private readonly Watchers<Guid> _dueWatchers = new();
    private readonly ConcurrentDictionary<string, Watchers<Guid>> _alertWatchers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<StoredSaga?> Load(Guid id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_sagas.TryGetValue(id, out var saga))
            return default;

        lock (saga)
            return ValueTask.FromResult(saga.Read(time));
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> Save(SagaWrite write, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isEarliest;
        using (var held = Hold(write.Id))
        {
            if (!held.Saga.Accepts(write))
                return ValueTask.FromResult(new SaveResult(false, held.Saga.Read(time)));

            isEarliest = MoveDue(held.Saga, write.DueAt);
            _counts.Move(held.Saga.Latest?.Indexes ?? [], write.Indexes);
            held.Saga.Save(write, time);
            _expiries.Add(held.Saga);
        }

        if (isEarliest)
            _dueWatchers.Call(write.Id);
        if (write.Alert is not null && _alertWatchers.TryGetValue(write.Alert, out var alerted))
            alerted.Call(write.Id);
        return ValueTask.FromResult(new SaveResult(true, null));
    }

    /// <inheritdoc/>
    public ValueTask<bool> Remove(Guid id, int expectedVersion, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = Hold(id);
        return ValueTask.FromResult(Remove(held.Saga, expectedVersion));
    }

    /// <inheritdoc/>
    public ValueTask<bool> StartOver(Guid id, int expectedVersion, long lowestToken, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = Hold(id);
        if (!Remove(held.Saga, expectedVersion))
            return ValueTask.FromResult(false);
        held.Saga.RefuseBelow(lowestToken, time.GetUtcNow() + lifetime);
        _expiries.Add(held.Saga);
        return ValueTask.FromResult(true);
    }

    /// <inheritdoc/>
    public ValueTask<bool> WriteField(Guid id, string field, ReadOnlyMemory<byte> value, long fencingToken, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = Hold(id);
        return ValueTask.FromResult(held.Saga.TryWriteField(field, value, fencingToken));
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLease(Guid id, long fencingToken, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = Hold(id);
        return ValueTask.FromResult(held.Saga.TryRenewLease(fencingToken, lease, time));
    }

    /// <inheritdoc/>
    public ValueTask<SagaPage> List(SagaQuery query, CancellationToken cancellationToken = default)
    {
        var page = new PageOfHighest(query.Limit);
        foreach (var (_, saga) in _sagas)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Most are passed over, so they are looked at without a lock first.
            if (!page.HasRoomFor(saga.Place) || !saga.IsListedBy(query))
                continue;

            lock (saga)
            {
                if (saga.IsListedBy(query) && saga.Read(time) is { } stored)
                    page.Add(stored, saga.Place);
            }
        }

        return ValueTask.FromResult(page.Close());
    }

    /// <inheritdoc/>
    public ValueTask<long> Count(string index, CancellationToken cancellationToken = default) => ValueTask.FromResult(_counts[index]);

    /// <inheritdoc/>
    public ValueTask<DueSagas> TakeDue(DateTimeOffset now, TimeSpan hiddenFor, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(hiddenFor, TimeSpan.Zero);
        var taken = new List<StoredSaga>();
        while (_due.First is { } first)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (first.At > now || taken.Count == limit)
                return ValueTask.FromResult(new DueSagas(taken, first.At));

            // An expired one is forgotten by the hold, and somebody else may have been quicker.
            using var held = Hold(first.Id);
            if (held.Saga.DueAt == first.At && held.Saga.Read(time) is { } stored)
            {
                taken.Add(stored);
                MoveDue(held.Saga, now + hiddenFor);
            }
        }

        return ValueTask.FromResult(new DueSagas(taken, null));
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveExpired(DateTimeOffset now, int limit, CancellationToken cancellationToken = default)
    {
        var removed = 0;
        var own = time.GetUtcNow();
        while (removed < limit && _expiries.TryTake(now < own ? now : own, out var id, out var expiresAt))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var held = Hold(id, forgetExpired: false);

            // Saved again since, it expires at another time, and has another entry for it.
            if (held.Saga.ExpiresAt == expiresAt)
            {
                Forget(held.Saga);
                removed++;
            }
        }

        return ValueTask.FromResult(removed);
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> Watch(Guid id, Action<SagaSignal> onSignal, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = Hold(id);
        var signals = held.Saga.Signals ??= new SignalQueue();
        return ValueTask.FromResult(signals.Watchers.Add(onSignal, () => Hold(id).Dispose()));
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> WatchAlerts(string name, Action<Guid> onAlert, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_alertWatchers.GetOrAdd(name, static _ => new Watchers<Guid>()).Add(onAlert));
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> WatchDue(Action onEarlier, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_dueWatchers.Add(_ => onEarlier()));
    }

    /// <summary>Where the documents are, for people.</summary>
    public override string ToString() => "memory of this process";

    /// <summary>Locks a saga, known or not. An expired document is forgotten first, unless the caller does that.</summary>
    private Held Hold(Guid id, bool forgetExpired = true)
    {
        while (true)
        {
            var saga = _sagas.GetOrAdd(id, static id => new InMemorySaga(id));
            Monitor.Enter(saga);
            if (saga.IsRetired)
            {
                Monitor.Exit(saga);
                continue;
            }

            if (forgetExpired && saga.HasExpired(time))
                Forget(saga);
            return new Held(this, saga);
        }
    }

    /// <returns>Whether it was there in that version.</returns>
    private bool Remove(InMemorySaga saga, int expectedVersion)
    {
        if (saga.Latest is null || saga.Version != expectedVersion)
            return false;
        Forget(saga);
        saga.Signals?.Add(new SagaSignal(null, 0, default));
        return true;
    }

    private void Forget(InMemorySaga saga)
    {
        MoveDue(saga, to: null);
        _counts.Move(saga.Latest?.Indexes ?? [], []);
        saga.Clear();
    }

    /// <returns>Whether this made it the earliest of all.</returns>
    private bool MoveDue(InMemorySaga saga, DateTimeOffset? to)
    {
        var isEarliest = _due.Move(saga.Id, saga.DueAt, to);
        saga.DueAt = to;
        return isEarliest;
    }

    /// <summary>A locked saga. Disposing unlocks it, drops it if nothing is left of it, and hands on its signals.</summary>
    private readonly ref struct Held(InMemorySagaStore store, InMemorySaga saga)
    {
        public InMemorySaga Saga => saga;

        public void Dispose()
        {
            if (saga is { Latest: null, LowestToken: 0 } && saga.Signals is not { Watchers.IsEmpty: false })
            {
                saga.IsRetired = true;
                store._sagas.TryRemove(KeyValuePair.Create(saga.Id, saga));
            }

            Monitor.Exit(saga);
            saga.Signals?.Deliver();
        }
    }
}
