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
            var run = _books.Find(request.RunId) ?? _books.Enter(request, granted);
            if (run.WaitsIn is { } line)
                return ValueTask.FromResult(new PermitAnswer(PermitState.Waiting, line.Name, Grants(granted, [])));
            if (run.Permit is not null && !request.TakesOver)
                return ValueTask.FromResult(new PermitAnswer(PermitState.Held, WaitsFor: null, Grants(granted, [])));

            _books.Hold(run, request.Permit, request.Lease);
            return ValueTask.FromResult(new PermitAnswer(PermitState.Granted, WaitsFor: null, Grants(granted, [])));
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

    public ValueTask<LimitGrants> Release(Guid runId, Guid? permit, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var granted = new List<Guid>();
            if (_books.Find(runId) is { } run && (permit is null || run.Permit == permit))
                _books.Leave(run, granted);
            return ValueTask.FromResult(Grants(granted, []));
        }
    }

    public ValueTask<LimitGrants> GrantDue(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var granted = new List<Guid>();
            _books.DrainAll(granted);
            return ValueTask.FromResult(Grants(granted, _books.Remind()));
        }
    }

    public ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (limit is null)
                _books.Settings.Remove(name);
            else
                _books.Settings[name] = limit;
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

    private LimitGrants Grants(List<Guid> granted, IReadOnlyList<Guid> reminders) => new(granted, reminders, _books.NextIn(), _settingsVersion);
}
