using System.Collections.Concurrent;

using TasksBus.Tracking;

namespace TasksBus.InMemory;

/// <summary>Keeps every kind of saga in this process. Safe to share between threads.</summary>
internal sealed class InMemorySagaStores(TimeProvider time) : ISagaStores
{
    private readonly ConcurrentDictionary<string, InMemorySagaStore> _stores = new(StringComparer.Ordinal);

    public ISagaStore Of(string kind) => _stores.GetOrAdd(kind, static (_, time) => new InMemorySagaStore(time), time);
}
