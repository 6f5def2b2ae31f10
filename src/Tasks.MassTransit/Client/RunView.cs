using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>A run as one watcher has seen it last.</summary>
internal sealed class RunView(Guid runId, SagaDocuments<TaskSaga> documents)
{
    /// <summary>What was seen last.</summary>
    public TaskSnapshot Snapshot { get; private set; } = TaskSnapshot.NotFound(runId);

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsOver => Snapshot.IsFinal || IsUnknown;

    /// <summary>Whether nothing is known of it.</summary>
    public bool IsUnknown => Snapshot.State == TaskState.NotFound;

    /// <summary>Reads the run again.</summary>
    /// <returns>Whether it differs from what was seen last.</returns>
    public async ValueTask<bool> Reload(CancellationToken cancellationToken)
    {
        var before = Snapshot;
        Snapshot = (await documents.Load(runId, cancellationToken).ConfigureAwait(false))?.Saga.ToSnapshot() ?? TaskSnapshot.NotFound(runId);
        return HasMoved(before) || Snapshot.Progress != before.Progress;
    }

    /// <summary>Reads the run again, unless the store does not answer: whoever waits for a run waits for its store too.</summary>
    /// <returns>Whether it differs from what was seen last.</returns>
    public async ValueTask<bool> TryReload(CancellationToken cancellationToken)
    {
        try
        {
            return await Reload(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Whether a signal tells of a change that it does not carry whole: the end, with its result, or the removal.</summary>
    public bool MustReload(SagaSignal signal) => signal.Field is null && (signal.Version == 0 || (signal.Version > Snapshot.Version && Read(signal).IsFinal));

    /// <summary>Takes in a signal.</summary>
    /// <returns>Whether it tells something new.</returns>
    public bool Apply(SagaSignal signal)
    {
        switch (signal.Field)
        {
            case null when signal.Version > Snapshot.Version:
                return Show(Read(signal));
            case TaskFields.Progress:
                Snapshot = Snapshot with { Progress = Payload.Known(signal.Value).As<TaskProgress>() };
                return true;
            case TaskFields.Data:
                Snapshot = Snapshot with { Data = Payload.Known(signal.Value) };
                return true;
            default:
                return false;
        }
    }

    private bool Show(TaskSnapshot now)
    {
        var before = Snapshot;
        Snapshot = now with { Arguments = before.Arguments, Data = before.Data, Progress = now.Attempt == before.Attempt ? before.Progress : null };
        return HasMoved(before);
    }

    /// <summary>Whether the change is one for watchers, and not only one of the record's own bookkeeping.</summary>
    private bool HasMoved(TaskSnapshot before) =>
        (Snapshot.State, Snapshot.Attempt, Snapshot.NextAttemptAt, Snapshot.Worker) != (before.State, before.Attempt, before.NextAttemptAt, before.Worker);

    private TaskSnapshot Read(SagaSignal signal) =>
        documents.Read(new StoredSaga(runId, signal.Version, signal.Value, new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal), LeaseLeft: null))
            .Saga.ToSnapshot();
}
