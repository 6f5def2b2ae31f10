using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Queues;

/// <summary>What was said of queues while the workers ran. Safe to share between threads.</summary>
internal sealed class QueueSettings(Foundation foundation)
{
    private const int Most = 10_000;

    private readonly SagaDocuments<QueueSaga> _documents = new(foundation.Stores.Of(QueueSaga.Kind), new QueueMapping());

    /// <summary>Every queue of which something was said, by its name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, QueueSaga>> Load(CancellationToken cancellationToken = default)
    {
        var page = await _documents.Store.List(new SagaQuery(QueueSaga.Index, 0, long.MaxValue / 1_024, After: null, Most), cancellationToken).ConfigureAwait(false);
        return page.Sagas.Select(saga => _documents.Read(saga).Saga).ToDictionary(queue => queue.Name, StringComparer.Ordinal);
    }

    /// <summary>Changes what is said of a queue.</summary>
    public async Task Change(string queue, Action<QueueSaga> change, CancellationToken cancellationToken)
    {
        var id = NamedId.Of(queue);
        while (true)
        {
            var document = await _documents.Load(id, cancellationToken).ConfigureAwait(false)
                ?? new SagaDocument<QueueSaga>(new QueueSaga { CorrelationId = id, Name = queue }, version: 0);
            change(document.Saga);
            if (await _documents.Save(document, cancellationToken: cancellationToken).ConfigureAwait(false) is null)
                return;
        }
    }

    /// <summary>Calls back at each change, until disposed.</summary>
    public ValueTask<IAsyncDisposable> Watch(Action onChange, CancellationToken cancellationToken) =>
        _documents.Store.WatchAlerts(QueueSaga.Alert, _ => onChange(), cancellationToken);
}
