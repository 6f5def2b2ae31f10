using Microsoft.Extensions.Logging;

using TasksBus.Tracking;

namespace TasksBus.Workers;

/// <summary>
/// Looks for runs whose lease is over although their workers live: a store that came back without its last writes does not know how they ended. They
/// are made due, so that others get them.
/// </summary>
/// <remarks>Twice, three leases apart: after an outage every lease is over for a moment.</remarks>
internal sealed class ForgottenRuns(RunningRuns running, RunTracker tracker, TaskQueueOptions options, TimeProvider clock, ILogger<ForgottenRuns> log)
{
    private readonly TimeSpan _pause = options.Lease * (3 + Random.Shared.NextDouble());
    private Dictionary<Guid, long> _suspects = [];
    private long _lookedAt = clock.GetTimestamp();

    /// <summary>Looks for them, if it is time to.</summary>
    public async Task LookWhenDue(CancellationToken cancellationToken)
    {
        var lookedAt = Volatile.Read(ref _lookedAt);
        if (clock.GetElapsedTime(lookedAt) < _pause || Interlocked.CompareExchange(ref _lookedAt, clock.GetTimestamp(), lookedAt) != lookedAt)
            return;
        try
        {
            _suspects = await Look(_suspects, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _suspects = [];
            log.SweepFailed(exception);
        }
    }

    private async Task<Dictionary<Guid, long>> Look(Dictionary<Guid, long> before, CancellationToken cancellationToken)
    {
        var suspects = new Dictionary<Guid, long>();
        await foreach (var run in running.All(cancellationToken).ConfigureAwait(false))
        {
            var (id, token) = (run.Saga.CorrelationId, run.Saga.FencingToken);
            if (run.Saga.LeaseLeft > TimeSpan.Zero || run.Saga.DueAt is not null)
                continue;
            if (!before.TryGetValue(id, out var seen) || seen != token)
            {
                suspects.Add(id, token);
                continue;
            }

            log.Forgotten(run.Saga.TaskName, id);
            await tracker.RaiseOn(run, tracker.Machine.HolderLost, new HolderLost(id), orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return suspects;
    }
}
