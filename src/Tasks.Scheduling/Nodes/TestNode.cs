using TasksBus.Delays;
using TasksBus.Occurrences;
using TasksBus.Schedules;

namespace TasksBus.Nodes;

/// <summary>The only node of an application under test: its alarms go off when the test's clock is moved to them, and are done before it is moved on.</summary>
internal sealed class TestNode(StoredSchedules store, Func<IAlarms, OccurrenceDispatcher> createDispatcher) : IScheduleNode, IAlarms, IClockDriven
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, DateTimeOffset> _alarms = [];
    private OccurrenceDispatcher _dispatcher = null!;
    private IAsyncDisposable? _watch;

    public DateTimeOffset? NextAt
    {
        get
        {
            lock (_lock)
                return _alarms.Count > 0 ? _alarms.Values.Min() : null;
        }
    }

    public async Task Start(CancellationToken cancellationToken)
    {
        _dispatcher = createDispatcher(this);
        _watch = await store.Watch(id => _ = SetAlarm(id), cancellationToken).ConfigureAwait(false);
        foreach (var schedule in (await store.List(cancellationToken).ConfigureAwait(false)).Schedules)
            await SetAlarm(schedule.CorrelationId).ConfigureAwait(false);
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        if (_watch is not null)
            await _watch.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask Set(Guid schedule, DateTimeOffset at, CancellationToken cancellationToken)
    {
        lock (_lock)
            _alarms[schedule] = _alarms.TryGetValue(schedule, out var sooner) && sooner < at ? sooner : at;
        return default;
    }

    public async Task RunDue(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var schedule in TakeDue(now))
            await _dispatcher.Dispatch(schedule, cancellationToken).ConfigureAwait(false);
    }

    private List<Guid> TakeDue(DateTimeOffset now)
    {
        lock (_lock)
        {
            var due = _alarms.Where(alarm => alarm.Value <= now).OrderBy(alarm => alarm.Value).Select(alarm => alarm.Key).ToList();
            due.ForEach(schedule => _alarms.Remove(schedule));
            return due;
        }
    }

    private async Task SetAlarm(Guid id)
    {
        if (await store.Load(id, CancellationToken.None).ConfigureAwait(false) is { NextAlarm: { } at })
            await Set(id, at, CancellationToken.None).ConfigureAwait(false);
    }
}
