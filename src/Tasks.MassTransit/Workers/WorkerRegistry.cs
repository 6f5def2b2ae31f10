using TasksBus.Tracking;

namespace TasksBus.Workers;

/// <summary>Which workers there are, and which of them are gone. Safe to share between threads.</summary>
internal sealed class WorkerRegistry(SagaDocuments<WorkerSaga> documents, TimeProvider clock)
{
    private const int Most = 10_000;

    /// <summary>
    /// So long nothing must have been heard of a worker whose connection to the broker has broken, for its death to be certain enough: it shows itself
    /// three times as often. One whose connection holds has its whole lease.
    /// </summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(3);

    /// <summary>For a worker that has no right to take another for dead: in so much time the run is looked at again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private long _seesFrom;

    /// <summary>Whether the silence of others means anything.</summary>
    public bool Sees => clock.GetTimestamp() >= Volatile.Read(ref _seesFrom);

    /// <summary>The records behind.</summary>
    public SagaDocuments<WorkerSaga> Documents { get; } = documents;

    /// <summary>Every worker that is not known to be gone, the latest first.</summary>
    public async ValueTask<IReadOnlyList<SagaDocument<WorkerSaga>>> List(CancellationToken cancellationToken)
    {
        var page = await Documents.Store.List(new SagaQuery(WorkerSaga.Index, 0, long.MaxValue / 1_024, After: null, Most), cancellationToken).ConfigureAwait(false);
        return [.. page.Sagas.Select(Documents.Read)];
    }

    /// <summary>The store did not answer, so that nobody could show up there or renew a lease: for so long nobody is taken for dead.</summary>
    public void GoBlind(TimeSpan time)
    {
        var until = clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);
        if (until > Volatile.Read(ref _seesFrom))
            Volatile.Write(ref _seesFrom, until);
    }

    /// <summary>A sign of life of this worker did not come through: those of others, which show up within the same time again, did not either.</summary>
    public void MissBeat() => GoBlind(LongestSilence);

    /// <summary>
    /// Ends, for whoever holds this copy of the run, the lease of a worker that is gone. For a run of which the broker, or its due time, says that
    /// something is amiss: one more round trip.
    /// </summary>
    public async ValueTask Judge(TaskSaga run, CancellationToken cancellationToken)
    {
        if (!Sees && run.LeaseLeft <= TimeSpan.Zero)
            run.LeaseLeft = LookAgain;
        else if (run.LeaseLeft > TimeSpan.Zero && run.Worker is { } worker && await IsGone(worker, cancellationToken).ConfigureAwait(false))
            run.LeaseLeft = TimeSpan.Zero;
    }

    private async ValueTask<bool> IsGone(string name, CancellationToken cancellationToken)
    {
        // Of a worker that has left nothing is known, but then it has given back what it held.
        var worker = (await Documents.Load(NamedId.Of(name), cancellationToken).ConfigureAwait(false))?.Saga;
        return worker is not null && (worker.IsGone || (Sees && worker.Silence >= (worker.Lease < LongestSilence ? worker.Lease : LongestSilence)));
    }
}
