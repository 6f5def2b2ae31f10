using Microsoft.Extensions.Logging;

using TasksBus.Tracking;

namespace TasksBus.Workers;

/// <summary>
/// Looks for workers that have been silent for their whole lease, and makes their runs due, so that the dispatcher sends them to others. Every worker
/// looks; that several find the same one does no harm, since a run is taken over only once.
/// </summary>
/// <remarks>A worker whose connection to the broker breaks needs no looking for: the broker delivers its runs again.</remarks>
internal sealed class LostWorkers(WorkerRegistry workers, RunningRuns running, RunTracker tracker, TaskQueueOptions options, TimeProvider clock, ILogger<LostWorkers> log)
{
    private const int PageSize = 200;

    /// <summary>Between two looks, unless one of those that were seen may be given up before.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private int _isLooking;
    private long _lookAt;

    /// <summary>Looks for them, if it is time to.</summary>
    public Task LookWhenDue(CancellationToken cancellationToken) => clock.GetTimestamp() < Volatile.Read(ref _lookAt) ? Task.CompletedTask : Look(cancellationToken);

    /// <summary>Looks for them, unless it still does.</summary>
    public async Task Look(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
            return;
        try
        {
            LookAgainIn(AfterFailure);
            var pause = LongestPause;
            foreach (var worker in await workers.List(cancellationToken).ConfigureAwait(false))
            {
                pause = worker.Saga.LeaseLeft < pause ? worker.Saga.LeaseLeft.Value : pause;
                if (worker.Saga.LeaseLeft <= TimeSpan.Zero && workers.Sees && !string.Equals(worker.Saga.Name, options.WorkerName, StringComparison.Ordinal))
                    await GiveUp(worker, cancellationToken).ConfigureAwait(false);
            }

            LookAgainIn(pause);
            await workers.Documents.Store.RemoveExpired(clock.GetUtcNow(), PageSize, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.SweepFailed(exception);
            if (exception is StoreUnavailableException)
                workers.GoBlind(options.Lease);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private void LookAgainIn(TimeSpan pause) => Volatile.Write(ref _lookAt, clock.GetTimestamp() + (long)(pause.TotalSeconds * clock.TimestampFrequency));

    private async Task GiveUp(SagaDocument<WorkerSaga> worker, CancellationToken cancellationToken)
    {
        // The runs first: if this process dies in between, the worker is still listed, and another one goes on.
        var runs = await MakeDue(worker.Saga.Name, cancellationToken).ConfigureAwait(false);
        worker.Saga.IsGone = true;
        worker.Saga.Token++;
        if (await workers.Documents.Save(worker, cancellationToken: cancellationToken).ConfigureAwait(false) is null && runs > 0)
            log.GivenUp(worker.Saga.Name, worker.Saga.Lease, runs);
    }

    private async Task<int> MakeDue(string worker, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var run in running.All(cancellationToken).ConfigureAwait(false))
        {
            if (!string.Equals(run.Saga.Worker, worker, StringComparison.Ordinal))
                continue;
            await tracker.RaiseOn(run, tracker.Machine.HolderLost, new HolderLost(run.Saga.CorrelationId), orAbsent: false, workers.Judge, cancellationToken).ConfigureAwait(false);
            count++;
        }

        return count;
    }
}
