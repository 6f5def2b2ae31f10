using System.Collections.Concurrent;

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
        (_known.GetValueOrDefault(id) ?? Known(await _documents.Load(id, cancellationToken).ConfigureAwait(false)))?.Saga;

    public async ValueTask<IReadOnlyList<ScheduleSaga>> List(CancellationToken cancellationToken) =>
        [.. (await ListChanged(DateTimeOffset.UnixEpoch, cancellationToken).ConfigureAwait(false)).Where(schedule => !schedule.IsRemoved)];

    /// <summary>Those of which something was said since an instant, removed ones too.</summary>
    public async ValueTask<IReadOnlyList<ScheduleSaga>> ListChanged(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var schedules = new List<ScheduleSaga>();
        SagaPlace? next = null;
        do
        {
            var query = new SagaQuery(ScheduleMapping.Index, since.ToUnixTimeMilliseconds(), long.MaxValue / 1_024, next, PageSize);
            var page = await _documents.Store.List(query, cancellationToken).ConfigureAwait(false);
            schedules.AddRange(page.Sagas.Select(saga => Known(_documents.Read(saga))!.Saga));
            next = page.Next;
        }
        while (next is not null);
        return schedules;
    }

    public async ValueTask<ScheduleSaga?> Change(Guid id, Func<ScheduleSaga?, ScheduleSaga?> change, CancellationToken cancellationToken)
    {
        var document = _known.GetValueOrDefault(id) ?? await _documents.Load(id, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var changed = change(document?.Saga);
            if (changed is null || ReferenceEquals(changed, document?.Saga))
                return Known(document)?.Saga;

            var write = new SagaDocument<ScheduleSaga>(changed with { CorrelationId = id }, document?.Version ?? 0, document?.Stored ?? default);
            var conflict = await _documents.Save(write, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return Known(write)!.Saga;
            document = conflict.Current;
            Forget(id);
        }
    }

    /// <summary>Takes back what is known of a schedule: somebody else has changed it.</summary>
    public void Forget(Guid id) => _known.TryRemove(id, out _);

    /// <summary>Calls back with every schedule that is changed, until disposed.</summary>
    public ValueTask<IAsyncDisposable> Watch(Action<Guid> onChange, CancellationToken cancellationToken) =>
        _documents.Store.WatchAlerts(ScheduleMapping.Alert, onChange, cancellationToken);

    private SagaDocument<ScheduleSaga>? Known(SagaDocument<ScheduleSaga>? document)
    {
        if (document is not null && IsActing)
            _known.AddOrUpdate(document.Saga.CorrelationId, static (_, loaded) => loaded, static (_, known, loaded) => known.Version > loaded.Version ? known : loaded, document);
        return document;
    }
}
