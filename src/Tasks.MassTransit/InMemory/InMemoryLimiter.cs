using TasksBus.Limits;

namespace TasksBus.InMemory;

/// <summary>Keeps to limits within this process. Safe to share between threads.</summary>
/// <param name="time">The clock of rates and leases.</param>
internal sealed class InMemoryLimiter(TimeProvider time) : ILimiter
{
    private readonly Lock _lock = new();
    private readonly LimitBooks _books = new(time);
    private long _settingsVersion;

    public ValueTask<PermitAnswer> Acquire(PermitRequest request, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var granted = new List<Guid>();
            var run = _books.Find(request.RunId);
            if (request.TakesOver)
                _books.Hold(run ?? _books.Add(request), request.Permit, request.Lease);
            else if (run is { WaitsIn: null, Permit: not null })
                return Answer(PermitState.Held, waitsFor: null, granted);
            else
                TryHold(run, request, granted);

            var line = _books.Find(request.RunId)!.WaitsIn;
            return Answer(line is null ? PermitState.Granted : PermitState.Waiting, line?.Name, granted);
        }
    }

    public ValueTask<bool> Renew(Guid runId, Guid permit, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_books.Find(runId) is not { } run || run.Permit != permit)
                return ValueTask.FromResult(false);
            _books.Hold(run, permit, lease);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<LimitGrants> Return(Guid runId, Guid permit, bool hasBegun, CancellationToken cancellationToken = default) => ValueTask.FromResult(Release(runId, permit, hasBegun));

    public ValueTask<LimitGrants> Leave(Guid runId, CancellationToken cancellationToken = default) => ValueTask.FromResult(Release(runId, permit: null, hasBegun: false));

    public ValueTask<DueGrants> GrantDue(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var granted = new List<Guid>();
            _books.DrainDue(granted);
            var reminders = _books.Remind();
            return ValueTask.FromResult(new DueGrants(Grants(granted), reminders, _settingsVersion));
        }
    }

    public ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _books.Set(name, limit);
            _settingsVersion++;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyDictionary<string, Limit>> Settings(CancellationToken cancellationToken = default)
    {
        lock (_lock)
            return ValueTask.FromResult<IReadOnlyDictionary<string, Limit>>(new Dictionary<string, Limit>(_books.Settings, StringComparer.Ordinal));
    }

    public ValueTask<IReadOnlyList<(long Running, long Waiting)>> Count(IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return ValueTask.FromResult<IReadOnlyList<(long Running, long Waiting)>>(
                [.. names.Select(name => _books.Find(name) is { } count ? (count.Running, count.Line.Count) : (0L, 0L))]);
        }
    }

    /// <summary>Lets a run have what is reserved for it or, if it is new or falls under other limits by now, what it can get.</summary>
    private void TryHold(LimitedRun? run, PermitRequest request, List<Guid> granted)
    {
        if (run?.WaitsIn is not null)
            return;
        if (run?.FallsUnder(request.Demands) == false)
        {
            _books.Leave(run, granted);
            run = null;
        }

        run ??= _books.Enter(request, granted);
        if (run.WaitsIn is null)
            _books.Hold(run, request.Permit, request.Lease);
    }

    private LimitGrants Release(Guid runId, Guid? permit, bool hasBegun)
    {
        lock (_lock)
        {
            var granted = new List<Guid>();
            if (_books.Find(runId) is { } run && run.Permit == permit)
                _books.Leave(run, granted, hasBegun);
            return Grants(granted);
        }
    }

    private ValueTask<PermitAnswer> Answer(PermitState state, string? waitsFor, List<Guid> granted) =>
        ValueTask.FromResult(new PermitAnswer(state, waitsFor, Grants(granted)));

    private LimitGrants Grants(List<Guid> granted) => new(granted, _books.NextIn());
}
