using System.Collections.Concurrent;

using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>Stores that do not answer some loads and saves of runs when a test says so.</summary>
internal sealed class FaultyStores(ISagaStores stores) : ISagaStores
{
    private readonly ConcurrentDictionary<string, ISagaStore> _stores = new(StringComparer.Ordinal);

    /// <summary>Which saves of runs fail, of those yet to come; null: none.</summary>
    public Fault? Saves { get; set; }

    /// <summary>Which claims of runs are done and not answered, of those yet to come; null: none.</summary>
    public Fault? Claims { get; set; }

    /// <summary>Which loads of runs fail, of those yet to come; null: none.</summary>
    public Fault? Loads { get; set; }

    /// <summary>Until when no load and no save of a run is answered; null: they are.</summary>
    public TaskCompletionSource? Silence { get; init; }

    public ISagaStore Of(string kind) => kind == TaskFields.Kind ? _stores.GetOrAdd(kind, static (kind, all) => new Store(all, all.Inner.Of(kind)), this) : stores.Of(kind);

    private ISagaStores Inner => stores;

    private Task Answer(CancellationToken cancellationToken) => Silence?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>So many calls.</summary>
    /// <param name="First">The first that fails, from 1.</param>
    /// <param name="Last">The last one.</param>
    public sealed record Fault(int First, int Last = int.MaxValue)
    {
        private int _calls;

        public void Meet()
        {
            if (Interlocked.Increment(ref _calls) is var call && call >= First && call <= Last)
                throw new StoreUnavailableException("memory", "the test wants it so.");
        }
    }

    private sealed class Store(FaultyStores all, ISagaStore store) : ISagaStore
    {
        public async ValueTask<StoredSaga?> Load(Guid id, CancellationToken cancellationToken = default)
        {
            await all.Answer(cancellationToken);
            all.Loads?.Meet();
            return await store.Load(id, cancellationToken);
        }

        public async ValueTask<SaveResult> Save(SagaWrite write, CancellationToken cancellationToken = default)
        {
            await all.Answer(cancellationToken);
            all.Saves?.Meet();
            var result = await store.Save(write, cancellationToken);
            if (write is { Lease: not null, KeepsLease: false })
                all.Claims?.Meet();
            return result;
        }

        public ValueTask<bool> Remove(Guid id, int expectedVersion, CancellationToken cancellationToken = default) => store.Remove(id, expectedVersion, cancellationToken);

        public ValueTask<bool> StartOver(Guid id, int expectedVersion, long lowestToken, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
            store.StartOver(id, expectedVersion, lowestToken, lifetime, cancellationToken);

        public ValueTask<bool> WriteField(Guid id, string field, ReadOnlyMemory<byte> value, long fencingToken, CancellationToken cancellationToken = default) =>
            store.WriteField(id, field, value, fencingToken, cancellationToken);

        public ValueTask<bool> RenewLease(Guid id, long fencingToken, TimeSpan lease, CancellationToken cancellationToken = default) => store.RenewLease(id, fencingToken, lease, cancellationToken);

        public ValueTask<SagaPage> List(SagaQuery query, CancellationToken cancellationToken = default) => store.List(query, cancellationToken);

        public ValueTask<long> Count(string index, CancellationToken cancellationToken = default) => store.Count(index, cancellationToken);

        public ValueTask<DueSagas> TakeDue(DateTimeOffset now, TimeSpan hiddenFor, int limit, CancellationToken cancellationToken = default) => store.TakeDue(now, hiddenFor, limit, cancellationToken);

        public ValueTask<int> RemoveExpired(DateTimeOffset now, int limit, CancellationToken cancellationToken = default) => store.RemoveExpired(now, limit, cancellationToken);

        public ValueTask<IAsyncDisposable> Watch(Guid id, Action<SagaSignal> onSignal, CancellationToken cancellationToken = default) => store.Watch(id, onSignal, cancellationToken);

        public ValueTask<IAsyncDisposable> WatchAlerts(string name, Action<Guid> onAlert, CancellationToken cancellationToken = default) => store.WatchAlerts(name, onAlert, cancellationToken);

        public ValueTask<IAsyncDisposable> WatchDue(Action onEarlier, CancellationToken cancellationToken = default) => store.WatchDue(onEarlier, cancellationToken);
    }
}
