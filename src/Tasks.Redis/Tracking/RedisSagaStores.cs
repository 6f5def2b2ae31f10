using System.Collections.Concurrent;

using TasksBus.Tracking;

namespace TasksBus.Storage;

/// <summary>Keeps every kind of saga in one Redis, each under keys of its own. Safe to share between threads.</summary>
/// <param name="connection">The connection; belongs to the caller.</param>
/// <param name="prefix">How all keys begin.</param>
/// <param name="partitions">As for <see cref="RedisSagaStore"/>.</param>
internal sealed class RedisSagaStores(RedisConnection connection, string prefix, int partitions) : ISagaStores
{
    private readonly ConcurrentDictionary<string, RedisSagaStore> _stores = new(StringComparer.Ordinal);

    public ISagaStore Of(string kind) => _stores.GetOrAdd(
        kind, static (kind, redis) => new RedisSagaStore(redis.connection, redis.prefix, kind, redis.partitions), (connection, prefix, partitions));
}
