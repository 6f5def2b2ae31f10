using System.Collections.Concurrent;
using System.Text.Json;

using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Schedules;

/// <summary>Schedules as sagas in the task queue's own store, in memory or in Redis.</summary>
internal sealed class StoredSchedules(Foundation foundation) : IScheduleStore
{
    private const int PageSize = 1_000;

    private readonly SagaDocuments<ScheduleSaga> _documents = new(foundation.Stores.Of(ScheduleSaga.Kind), new ScheduleMapping());

    /// <summary>What the acting node knows, so that an occurrence costs one write and no read. A write over what is stale is refused, and brings what is stored.</summary>
    private readonly ConcurrentDictionary<Guid, SagaDocument<ScheduleSaga>> _known = new();

    private volatile bool _isActing;

    /// <summary>Whether this process acts on the schedules: it then remembers them, and must be told with <see cref="Forget"/> what others have changed.</summary>
    public bool IsActing
    {
        get => _isActing;
        set
        {
            _isActing = value;
            _known.Clear();
        }
    }

    public async ValueTask<ScheduleSaga?> Load(Guid id, CancellationToken cancellationToken) =>
        (_known.GetValueOrDefault(id) ?? Known(await LoadStored(id, cancellationToken).ConfigureAwait(false)))?.Saga;

    public async ValueTask<ScheduleList> List(CancellationToken cancellationToken)
    {
        var all = await ListChanged(DateTimeOffset.UnixEpoch, cancellationToken).ConfigureAwait(false);
        return all with { Schedules = [.. all.Schedules.Where(schedule => !schedule.IsRemoved)] };
    }

    /// <summary>Those of which something was said since an instant, removed ones too.</summary>
    public async ValueTask<ScheduleList> ListChanged(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var stored = new List<StoredSaga>();
        SagaPlace? next = null;
        do
        {
            var query = new SagaQuery(ScheduleMapping.Index, since.ToUnixTimeMilliseconds(), long.MaxValue / 1_024, next, PageSize);
            var page = await _documents.Store.List(query, cancellationToken).ConfigureAwait(false);
            stored.AddRange(page.Sagas);
            next = page.Next;
        }
        while (next is not null);
        return ScheduleReading.Sort(stored, saga => Known(Read(saga))!.Saga);
    }

    public async ValueTask<ScheduleSaga?> Change(Guid id, Func<ScheduleSaga?, ScheduleSaga?> change, CancellationToken cancellationToken)
    {
        var document = _known.GetValueOrDefault(id) ?? await LoadStored(id, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var changed = change(document?.Saga);
            if (changed is null || ReferenceEquals(changed, document?.Saga))
                return Known(document)?.Saga;

            var write = new SagaDocument<ScheduleSaga>(changed with { CorrelationId = id }, document?.Version ?? 0, document?.Stored ?? default);
            var conflict = await Save(write, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return Known(write)!.Saga;
            document = conflict.Current;
        }
    }

    public async ValueTask<bool> RemoveUnreadable(Guid id, CancellationToken cancellationToken)
    {
        while (await _documents.Store.Load(id, cancellationToken).ConfigureAwait(false) is { } stored && !IsReadable(stored))
        {
            if (await _documents.Store.Remove(id, stored.Version, cancellationToken).ConfigureAwait(false))
                return true;
        }

        return false;
    }

    /// <summary>Takes back what is known of a schedule: somebody else has changed it.</summary>
    public void Forget(Guid id) => _known.TryRemove(id, out _);

    /// <summary>Calls back with every schedule that is changed, until disposed.</summary>
    public ValueTask<IAsyncDisposable> Watch(Action<Guid> onChange, CancellationToken cancellationToken) =>
        _documents.Store.WatchAlerts(ScheduleMapping.Alert, onChange, cancellationToken);

    private async ValueTask<SagaDocument<ScheduleSaga>?> LoadStored(Guid id, CancellationToken cancellationToken) =>
        await _documents.Store.Load(id, cancellationToken).ConfigureAwait(false) is { } stored ? Read(stored) : null;

    private async ValueTask<SagaConflict<ScheduleSaga>?> Save(SagaDocument<ScheduleSaga> write, CancellationToken cancellationToken)
    {
        try
        {
            var conflict = await _documents.Save(write, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return null;
            Forget(write.Saga.CorrelationId);
            if (conflict.Current is { } current)
                ScheduleReading.Read(current.Saga.CorrelationId, current.Stored, () => current.Saga);
            return conflict;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // What stands in the way cannot be read: that is said as of any other.
            Forget(write.Saga.CorrelationId);
            return new SagaConflict<ScheduleSaga>(await LoadStored(write.Saga.CorrelationId, cancellationToken).ConfigureAwait(false));
        }
    }

    private SagaDocument<ScheduleSaga> Read(StoredSaga stored) => new(
        ScheduleReading.Read(stored.Id, stored.Document, () => _documents.Read(stored).Saga), stored.Version, stored.Document);

    private bool IsReadable(StoredSaga stored) => ScheduleReading.Sort([stored], saga => Read(saga).Saga).Unreadable.Count == 0;

    private SagaDocument<ScheduleSaga>? Known(SagaDocument<ScheduleSaga>? document)
    {
        if (document is not null && IsActing)
            _known.AddOrUpdate(document.Saga.CorrelationId, static (_, loaded) => loaded, static (_, known, loaded) => known.Version > loaded.Version ? known : loaded, document);
        return document;
    }
}
