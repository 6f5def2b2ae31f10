using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using TasksBus.Pipeline;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>Renews the leases of the attempts that run in this process, and ends those whose lease is lost. Attempts shorter than a round cost nothing.</summary>
internal sealed class LeaseKeeper : IDisposable
{
    private readonly ConcurrentDictionary<AttemptContext, DateTimeOffset> _attempts = new();
    private readonly ISagaStore _store;
    private readonly TimeSpan _lease;
    private readonly TimeSpan _round;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ITimer _timer;

    public LeaseKeeper(SagaDocuments<TaskSaga> documents, TaskQueueOptions options, TimeProvider clock, ILogger<LeaseKeeper> log)
    {
        _store = documents.Store;
        _lease = options.Lease;
        _round = options.Lease / 4;
        _clock = clock;
        _log = log;
        _timer = clock.CreateTimer(static keeper => ((LeaseKeeper)keeper!).RenewAll(), this, _round, _round);
    }

    /// <summary>Keeps the lease of an attempt until <see cref="Forget"/>.</summary>
    public void Keep(AttemptContext attempt) => _attempts[attempt] = _clock.GetUtcNow();

    /// <summary>The attempt has ended.</summary>
    public void Forget(AttemptContext attempt) => _attempts.TryRemove(attempt, out _);

    /// <summary>Ends what runs here of a run.</summary>
    public void Stop(Guid runId, StopReason reason)
    {
        foreach (var attempt in _attempts.Keys.Where(attempt => attempt.RunId == runId))
            attempt.Stop(reason);
    }

    /// <summary>Ends everything that runs here.</summary>
    public void StopAll(StopReason reason)
    {
        foreach (var attempt in _attempts.Keys)
            attempt.Stop(reason);
    }

    public void Dispose() => _timer.Dispose();

    private void RenewAll()
    {
        var dueBefore = _clock.GetUtcNow() - (_round / 2);
        foreach (var attempt in _attempts.Where(entry => entry.Value <= dueBefore).Select(entry => entry.Key))
            _ = Renew(attempt);
    }

    private async Task Renew(AttemptContext attempt)
    {
        try
        {
            if (await _store.RenewLease(attempt.RunId, attempt.FencingToken, _lease, CancellationToken.None).ConfigureAwait(false))
                return;
            _log.LeaseLost(attempt.TaskName, attempt.RunId, attempt.Attempt);
            attempt.Stop(StopReason.LeaseLost);
        }
        catch (StoreUnavailableException exception)
        {
            // Nobody can take the run over without the store either; the next round tries again.
            _log.LeaseNotRenewed(exception, attempt.TaskName, attempt.RunId);
        }
    }
}
