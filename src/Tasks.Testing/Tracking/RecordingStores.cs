using TasksBus.Tracking;

namespace TasksBus.Testing;

/// <summary>The in-memory stores, with that of the runs told to the recorder. Safe to share between threads.</summary>
internal sealed class RecordingStores(ISagaStores stores, RunRecorder recorder, TimeProvider clock) : ISagaStores
{
    private readonly RecordingStore _runs = new(stores.Of(TaskFields.Kind), recorder, clock);

    public ISagaStore Of(string kind) => string.Equals(kind, TaskFields.Kind, StringComparison.Ordinal) ? _runs : stores.Of(kind);
}
