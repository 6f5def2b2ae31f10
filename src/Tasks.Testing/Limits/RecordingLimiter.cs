using TasksBus.Limits;

namespace TasksBus.Testing;

/// <summary>The in-memory limiter, with every permit told to the recorder: a run that has one moves on by itself. Safe to share between threads.</summary>
internal sealed class RecordingLimiter(ILimiter limiter, RunRecorder recorder, TimeProvider clock) : ILimiter
{
    /// <summary>When a permit becomes free by itself, as far as is known; null: never.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    public async ValueTask<PermitAnswer> Acquire(PermitRequest request, CancellationToken cancellationToken = default)
    {
        var answer = await limiter.Acquire(request, cancellationToken).ConfigureAwait(false);
        if (answer.State == PermitState.Granted)
            recorder.ShowPermit(request.RunId, hasPermit: true);
        Record(answer.Grants);
        return answer;
    }

    public async ValueTask<LimitGrants> Return(Guid runId, Guid permit, bool hasBegun, CancellationToken cancellationToken = default)
    {
        var grants = Record(await limiter.Return(runId, permit, hasBegun, cancellationToken).ConfigureAwait(false));
        recorder.ShowPermit(runId, hasPermit: false);
        return grants;
    }

    public async ValueTask<LimitGrants> Leave(Guid runId, CancellationToken cancellationToken = default)
    {
        var grants = Record(await limiter.Leave(runId, cancellationToken).ConfigureAwait(false));
        recorder.ShowPermit(runId, hasPermit: false);
        return grants;
    }

    public async ValueTask<DueGrants> GrantDue(CancellationToken cancellationToken = default)
    {
        var due = await limiter.GrantDue(cancellationToken).ConfigureAwait(false);
        Record(due.Grants);
        return due;
    }

    public ValueTask<bool> Renew(Guid runId, Guid permit, TimeSpan lease, CancellationToken cancellationToken = default) => limiter.Renew(runId, permit, lease, cancellationToken);

    public ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default) => limiter.Set(name, limit, cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, Limit>> Settings(CancellationToken cancellationToken = default) => limiter.Settings(cancellationToken);

    public ValueTask<IReadOnlyList<(long Running, long Waiting)>> Count(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        limiter.Count(names, cancellationToken);

    private LimitGrants Record(LimitGrants grants)
    {
        NextAt = grants.NextIn < TimeSpan.FromDays(3_650) ? clock.GetUtcNow() + grants.NextIn : null;
        foreach (var run in grants.Runs)
            recorder.ShowPermit(run, hasPermit: true);
        return grants;
    }
}
