using TasksBus.Tracking;

namespace TasksBus.Testing;

/// <summary>The in-memory store, with every write told to the recorder. Safe to share between threads.</summary>
internal sealed class RecordingStore(ISagaStore store, RunRecorder recorder, TimeProvider clock) : ISagaStore
{
    private readonly SagaDocuments<TaskSaga> _documents = new(store, new TaskSagaMapping());

    public ValueTask<SaveResult> Save(SagaWrite write, CancellationToken cancellationToken = default)
    {
        lock (recorder.Gate)
        {
            var saved = AtOnce(store.Save(write, cancellationToken));
            if (saved.Saved)
                Record(write);
            return ValueTask.FromResult(saved);
        }
    }

    public ValueTask<bool> WriteField(Guid id, string field, ReadOnlyMemory<byte> value, long fencingToken, CancellationToken cancellationToken = default)
    {
        lock (recorder.Gate)
        {
            var isWritten = AtOnce(store.WriteField(id, field, value, fencingToken, cancellationToken));
            if (isWritten)
                Record(id, field, value);
            return ValueTask.FromResult(isWritten);
        }
    }

    public ValueTask<StoredSaga?> Load(Guid id, CancellationToken cancellationToken = default) => store.Load(id, cancellationToken);

    public ValueTask<bool> Remove(Guid id, int expectedVersion, CancellationToken cancellationToken = default) => store.Remove(id, expectedVersion, cancellationToken);

    public ValueTask<bool> StartOver(Guid id, int expectedVersion, long lowestToken, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        store.StartOver(id, expectedVersion, lowestToken, lifetime, cancellationToken);

    public ValueTask<bool> RenewLease(Guid id, long fencingToken, TimeSpan lease, CancellationToken cancellationToken = default) =>
        store.RenewLease(id, fencingToken, lease, cancellationToken);

    public ValueTask<SagaPage> List(SagaQuery query, CancellationToken cancellationToken = default) => store.List(query, cancellationToken);

    public ValueTask<long> Count(string index, CancellationToken cancellationToken = default) => store.Count(index, cancellationToken);

    public ValueTask<DueSagas> TakeDue(DateTimeOffset now, TimeSpan hiddenFor, int limit, CancellationToken cancellationToken = default) =>
        store.TakeDue(now, hiddenFor, limit, cancellationToken);

    public ValueTask<int> RemoveExpired(DateTimeOffset now, int limit, CancellationToken cancellationToken = default) => store.RemoveExpired(now, limit, cancellationToken);

    public ValueTask<IAsyncDisposable> Watch(Guid id, Action<SagaSignal> onSignal, CancellationToken cancellationToken = default) =>
        store.Watch(id, onSignal, cancellationToken);

    public ValueTask<IAsyncDisposable> WatchAlerts(string name, Action<Guid> onAlert, CancellationToken cancellationToken = default) =>
        store.WatchAlerts(name, onAlert, cancellationToken);

    public ValueTask<IAsyncDisposable> WatchDue(Action onEarlier, CancellationToken cancellationToken = default) => store.WatchDue(onEarlier, cancellationToken);

    public override string ToString() => "memory, under test";

    /// <summary>The in-memory store answers without waiting, which is what allows to hold a lock around it.</summary>
    private static T AtOnce<T>(ValueTask<T> answer) =>
        answer.IsCompletedSuccessfully ? answer.Result : throw new InvalidOperationException("The in-memory store did not answer at once.");

    private void Record(SagaWrite write)
    {
        var fields = write.Fields.Where(field => field.Value is not null).ToDictionary(field => field.Key, field => field.Value!.Value, StringComparer.Ordinal);
        recorder.AddSaved(_documents.Read(new StoredSaga(write.Id, write.ExpectedVersion + 1, write.Document, fields, LeaseLeft: null)).Saga, clock.GetUtcNow());
        foreach (var (field, value) in fields)
            Record(write.Id, field, value);
    }

    private void Record(Guid id, string field, ReadOnlyMemory<byte> value)
    {
        if (string.Equals(field, TaskFields.Progress, StringComparison.Ordinal))
            recorder.AddProgress(id, Payload.FromJson(value).As<TaskProgress>()!);
        else
            recorder.ShowLife(id);
    }
}
