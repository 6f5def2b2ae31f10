using System.Runtime.ExceptionServices;
using System.Text;
using StackExchange.Redis;
using TasksBus.Tracking;

namespace TasksBus.Storage;

/// <summary>
/// Keeps the sagas of one kind in Redis 5 or newer, alone or a cluster. Every write is one script; every read of a document is one round trip.
/// Leases and lifetimes go by the clock of Redis. Safe to share between threads.
/// </summary>
/// <remarks>
/// Signals are lost while the connection is down; once it is back, watchers get the document as it is then.
/// <see cref="Count"/> counts expired documents until <see cref="RemoveExpired"/> has been there.
/// </remarks>
internal sealed class RedisSagaStore : ISagaStore
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _connection;
    private readonly RedisKeys _keys;
    private readonly RedisSignals _signals;
    private readonly PartitionCheck _check;

    /// <param name="connection">The connection; belongs to the caller.</param>
    /// <param name="prefix">How the keys begin.</param>
    /// <param name="kind">The kind of saga.</param>
    /// <param name="partitions">Among how many groups of keys the documents are spread, 1 to 1,024; the same in every process, for good.</param>
    public RedisSagaStore(RedisConnection connection, string prefix, string kind, int partitions)
    {
        _connection = connection;
        _keys = new RedisKeys(prefix, kind, partitions);
        _signals = new RedisSignals(connection);
        _check = new PartitionCheck(connection, _keys);
    }

    /// <summary>Finds at start what would fail at first use.</summary>
    /// <exception cref="TaskQueueConfigurationException">The connection string cannot be used, or the number of partitions is not from 1 to 1,024.</exception>
    public static void Check(string configuration, int partitions)
    {
        RedisOptions.Parse(configuration);
        if (partitions is < 1 or > RedisKeys.MaxPartitions)
            throw new TaskQueueConfigurationException($"{partitions} partitions are not possible. Give 1 to {RedisKeys.MaxPartitions}; 1 is right for a single Redis.");
    }

    /// <inheritdoc/>
    public ValueTask<StoredSaga?> Load(Guid id, CancellationToken cancellationToken = default) => Load(id, null, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<SaveResult> Save(SagaWrite write, CancellationToken cancellationToken = default)
    {
        var partition = _keys.Of(write.Id);
        var arguments = SagaFormat.ToArguments(write, write.Alert is null ? RedisValue.EmptyString : _keys.Alerts(write.Alert));
        var answer = await Run(RedisScript.Save, [partition.Document(write.Id), partition.Root], arguments, cancellationToken).ConfigureAwait(false);
        return answer.IsNull ? new SaveResult(true, null) : new SaveResult(false, SagaFormat.Read(write.Id, answer));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> Remove(Guid id, int expectedVersion, CancellationToken cancellationToken = default)
    {
        var partition = _keys.Of(id);
        return (bool)await Run(
            RedisScript.Remove, [partition.Document(id), partition.Root], [expectedVersion], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> StartOver(Guid id, int expectedVersion, long lowestToken, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        var partition = _keys.Of(id);
        return (bool)await Run(
            RedisScript.Remove, [partition.Document(id), partition.Root], [expectedVersion, lowestToken, SagaFormat.Milliseconds(lifetime)], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> WriteField(Guid id, string field, ReadOnlyMemory<byte> value, long fencingToken, CancellationToken cancellationToken = default)
    {
        SagaFormat.CheckName(field, nameof(field));
        return (bool)await Run(
            RedisScript.WriteField, [_keys.Of(id).Document(id)], [fencingToken, field, SagaFormat.Bytes(value)], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RenewLease(Guid id, long fencingToken, TimeSpan lease, CancellationToken cancellationToken = default) => (bool)await Run(
        RedisScript.RenewLease, [_keys.Of(id).Document(id)], [fencingToken, SagaFormat.Milliseconds(lease)], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<SagaPage> List(SagaQuery query, CancellationToken cancellationToken = default)
    {
        // One more than the page holds, to know whether another follows.
        var wanted = query.Limit + 1;
        var found = new List<(SagaPlace Place, StoredSaga Saga)>(wanted);
        var after = query.After;
        while (found.Count < wanted)
        {
            var asked = wanted - found.Count;
            var places = await Places(query, after, asked, cancellationToken).ConfigureAwait(false);
            var sagas = await Load(places.Select(place => place.Id), query.Index, cancellationToken).ConfigureAwait(false);
            found.AddRange(places.Zip(sagas).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!)));

            // Those that have expired are made up for by the places that follow.
            if (places.Count < asked)
                break;
            after = places[^1];
        }

        var page = found.Take(query.Limit).ToList();
        return new SagaPage([.. page.Select(entry => entry.Saga)], found.Count > page.Count ? page[^1].Place : null);
    }

    /// <inheritdoc/>
    public async ValueTask<long> Count(string index, CancellationToken cancellationToken = default)
    {
        var counts = await RunOnAll(RedisScript.Count, partition => [partition.Index(index)], [], cancellationToken).ConfigureAwait(false);
        return counts.Sum(count => (long)count);
    }

    /// <inheritdoc/>
    public async ValueTask<DueSagas> TakeDue(DateTimeOffset now, TimeSpan hiddenFor, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(hiddenFor, TimeSpan.Zero);
        var answers = await Task.WhenAll(_keys.Partitions.Select(TryTake)).ConfigureAwait(false);
        if (answers.All(answer => answer.Failure is not null))
            ExceptionDispatchInfo.Throw(answers[0].Failure!);
        return new DueSagas(
            [.. answers.SelectMany(partition => partition.Sagas).OrderBy(saga => saga.DueAt).Select(saga => saga.Saga)],
            answers.Min(partition => partition.NextAt));

        // What one partition has given is hidden from others: it must not be dropped because another is away. That one is asked again soon.
        async Task<(IReadOnlyList<(long DueAt, StoredSaga Saga)> Sagas, DateTimeOffset? NextAt, Exception? Failure)> TryTake(RedisPartition partition)
        {
            try
            {
                var (sagas, nextAt) = SagaFormat.ReadTaken(await Run(
                    RedisScript.TakeDue,
                    [partition.Due, partition.Root],
                    [now.ToUnixTimeMilliseconds(), SagaFormat.Milliseconds(now + hiddenFor), limit],
                    cancellationToken).ConfigureAwait(false));
                return (sagas, nextAt, null);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or RedisServerException)
            {
                return ([], now + AfterFailure, exception);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> RemoveExpired(DateTimeOffset now, int limit, CancellationToken cancellationToken = default)
    {
        var removed = 0;
        foreach (var partition in _keys.Partitions)
        {
            if (removed == limit)
                break;
            removed += (int)await Run(
                RedisScript.RemoveExpired,
                [partition.Expiries, partition.Root],
                [now.ToUnixTimeMilliseconds(), limit - removed],
                cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable> Watch(Guid id, Action<SagaSignal> onSignal, CancellationToken cancellationToken = default)
    {
        var watch = new SagaWatch(onSignal);
        return await _signals.Listen(
            [_keys.Of(id).Document(id)],
            watch.OnMessage,
            async () => watch.OnReload(await Load(id, CancellationToken.None).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable> WatchAlerts(string name, Action<Guid> onAlert, CancellationToken cancellationToken = default) =>
        await _signals.Listen(
            [_keys.Alerts(name)],
            id => onAlert(Guid.ParseExact(Encoding.ASCII.GetString(id), "N")),
            () => Task.CompletedTask,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable> WatchDue(Action onEarlier, CancellationToken cancellationToken = default) => await _signals.Listen(
        _keys.Partitions.Select(partition => partition.Due),
        _ => onEarlier(),
        () =>
        {
            onEarlier();
            return Task.CompletedTask;
        },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Where the documents are, for people.</summary>
    public override string ToString() => $"Redis at {_connection.Address}";

    private async ValueTask<StoredSaga?> Load(Guid id, string? index, CancellationToken cancellationToken) => SagaFormat.Read(
        id, await Run(RedisScript.Load, [_keys.Of(id).Document(id)], [], cancellationToken).ConfigureAwait(false), index);

    private Task<StoredSaga?[]> Load(IEnumerable<Guid> ids, string? index, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Select(id => Load(id, index, cancellationToken).AsTask()));

    private async Task<List<SagaPlace>> Places(SagaQuery query, SagaPlace? after, int count, CancellationToken cancellationToken)
    {
        // No id is above ffff…, so 'g' is the place before all documents of a score.
        RedisValue[] start = after is not null && after.Score <= query.MaxScore
            ? [after.Score, after.Id.ToString("N"), count]
            : [query.MaxScore, "g", count];
        var answers = await RunOnAll(RedisScript.List, partition => [partition.Index(query.Index)], start, cancellationToken).ConfigureAwait(false);
        return [.. answers.SelectMany(ReadPlaces)
            .Where(place => place.Score >= query.MinScore)
            .OrderByDescending(place => place.Score).ThenByDescending(place => place.Id)
            .Take(count)];
    }

    private static IEnumerable<SagaPlace> ReadPlaces(RedisResult answer) =>
        ((RedisValue[])answer).Chunk(2).Select(entry => new SagaPlace((long)(double)entry[1], Guid.ParseExact((string)entry[0], "N")));

    private Task<RedisResult[]> RunOnAll(
        RedisScript script, Func<RedisPartition, RedisKey[]> keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        Task.WhenAll(_keys.Partitions.Select(partition => Run(script, keys(partition), arguments, cancellationToken)));

    private Task<RedisResult> Run(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        _check.IsDone ? _connection.Run(script, keys, arguments, cancellationToken) : CheckAndRun(script, keys, arguments, cancellationToken);

    private async Task<RedisResult> CheckAndRun(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        await _check.Do(cancellationToken).ConfigureAwait(false);
        return await _connection.Run(script, keys, arguments, cancellationToken).ConfigureAwait(false);
    }
}
