using System.Collections.Concurrent;

namespace TasksBus.Storage;

/// <summary>The connections of this process, one for each connection string. Safe to share between threads.</summary>
internal sealed class RedisConnections : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RedisConnection>> _all = new();

    /// <summary>The connection for a connection string; it opens when it is first used.</summary>
    /// <exception cref="TaskQueueConfigurationException">The string cannot be used.</exception>
    public RedisConnection Get(string configuration) =>
        _all.GetOrAdd(configuration, static configuration => new Lazy<RedisConnection>(() => new RedisConnection(configuration))).Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _all.Values.Where(connection => connection.IsValueCreated))
            await connection.Value.DisposeAsync().ConfigureAwait(false);
    }
}
