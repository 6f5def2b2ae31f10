using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using TasksBus.Limits;
using TasksBus.Pipeline;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>
/// Renews the leases of the attempts that run in this process, and ends those whose lease is lost or whose run somebody wants back. Attempts
/// shorter than a round cost nothing.
/// </summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly ConcurrentDictionary<AttemptContext, DateTimeOffset> _attempts = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SagaDocuments<TaskSaga> _documents;
    private readonly Permits _permits;
    private readonly TaskQueueOptions _options;
    private readonly TimeSpan _round;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private Task<IAsyncDisposable>? _listening;
    private StopReason? _stopReason;

    public LeaseKeeper(SagaDocuments<TaskSaga> documents, Permits permits, TaskQueueOptions options, TimeProvider clock, ILogger<LeaseKeeper> log)
    {
        _documents = documents;
        _permits = permits;
        _options = options;
        _round = options.Lease / 4;
        _clock = clock;
        _log = log;
    }

    /// <summary>Listens to what happens to the runs of this worker from outside. Until the store answers, the rounds find it out.</summary>
    public void Start() => _listening = Listen(_stop.Token);

    /// <summary>Keeps the lease of an attempt until <see cref="Forget"/>. One that comes after <see cref="StopAll"/> is told to end at once.</summary>
    public void Keep(AttemptContext attempt)
    {
        _attempts[attempt] = _clock.GetUtcNow();
        if (_stopReason is { } reason)
            attempt.Stop(reason);
    }

    /// <summary>The attempt has ended.</summary>
    public void Forget(AttemptContext attempt) => _attempts.TryRemove(attempt, out _);

    /// <summary>Renews the leases that were not renewed for a round.</summary>
    /// <remarks>What renews them is under way when this returns: it must not need the thread pool, which the handlers may keep busy.</remarks>
    public void RenewAll()
    {
        var now = _clock.GetUtcNow();
        foreach (var (attempt, renewedAt) in _attempts)
        {
            if (now - renewedAt >= _round && _attempts.TryUpdate(attempt, now, renewedAt))
                _ = Attend(attempt, Renew);
        }
    }

    /// <summary>Sees whether the attempts of a run still count.</summary>
    public void CheckRun(Guid runId)
    {
        foreach (var attempt in _attempts.Keys.Where(attempt => attempt.RunId == runId))
            _ = Attend(attempt, Check);
    }

    /// <summary>Ends everything that runs here, now and from now on.</summary>
    public void StopAll(StopReason reason)
    {
        _stopReason = reason;
        foreach (var attempt in _attempts.Keys)
            attempt.Stop(reason);
    }

    /// <summary>Ends what waits for its turn: another worker may have one for it.</summary>
    public void StopWaiting(StopReason reason)
    {
        foreach (var attempt in _attempts.Keys)
            attempt.Pipeline.StopUnlessBegun(reason);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_listening is { IsCompletedSuccessfully: true })
            await (await _listening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private async Task<IAsyncDisposable> Listen(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _documents.Store.WatchAlerts(_options.WorkerName, CheckRun, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException exception)
            {
                _log.NotListening(exception, _round);
                await Task.Delay(_round, _clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task Attend(AttemptContext attempt, Func<AttemptContext, Task> action)
    {
        try
        {
            await action(attempt).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            // The next round tries again; if only this worker is cut off, another takes the run over, and what this one records is refused.
            _log.LeaseNotRenewed(exception, attempt.TaskName, attempt.RunId);
        }
    }

    private async Task Renew(AttemptContext attempt)
    {
        var isOurs = await _documents.Store.RenewLease(attempt.RunId, attempt.FencingToken, _options.Lease, _stop.Token).ConfigureAwait(false);
        if (await Check(attempt).ConfigureAwait(false) || isOurs)
            await _permits.Renew(attempt.Permit).ConfigureAwait(false);
    }

    /// <returns>Whether the attempt goes on.</returns>
    private async Task<bool> Check(AttemptContext attempt)
    {
        var run = await _documents.Load(attempt.RunId, _stop.Token).ConfigureAwait(false);
        if (run is null || run.Saga.FencingToken < attempt.FencingToken)
        {
            _log.StoreForgot(attempt.TaskName, attempt.RunId);
            return true;
        }

        if (run.Saga.FencingToken != attempt.FencingToken || !run.Saga.Is(TaskState.Running))
            End(attempt, StopReason.LeaseLost);
        else if (run.Saga.RevokeRequested)
            End(attempt, StopReason.Revoked);
        else
            return true;
        return false;
    }

    private void End(AttemptContext attempt, StopReason reason)
    {
        // It may have ended by itself while the store was asked.
        if (!_attempts.ContainsKey(attempt))
            return;
        if (reason == StopReason.LeaseLost)
            _log.LeaseLost(attempt.TaskName, attempt.RunId, attempt.Attempt);
        attempt.Stop(reason);
    }
}
