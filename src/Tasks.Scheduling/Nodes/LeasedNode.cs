using Microsoft.Extensions.Logging;

using TasksBus.Occurrences;
using TasksBus.Schedules;
using TasksBus.Workers;

namespace TasksBus.Nodes;

/// <summary>
/// A scheduler node of many, of which one acts. That one knows all schedules, has an alarm for each, and hears of what others say; when its lease has not
/// been renewed for its length, another takes over, and does what is due since.
/// </summary>
internal sealed class LeasedNode(
    NodeLease lease, StoredSchedules store, Func<IAlarms, OccurrenceDispatcher> createDispatcher, ScheduleOptions options, TimeProvider clock,
    ILoggerFactory logging) : IScheduleNode, IAsyncDisposable
{
    /// <summary>What was said while the connection to the store was down, nobody has told us: so it is looked for every so many beats.</summary>
    private const int BeatsBetweenLooks = 5;

    /// <summary>How far clocks of nodes may differ, and writes be under way, without a change being overlooked.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);

    /// <summary>When to look again whether the lease, which could not be renewed, is still there.</summary>
    private static readonly TimeSpan UntilSure = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = logging.CreateLogger<LeasedNode>();
    private readonly UnreadableReport _unreadable = new(logging.CreateLogger<LeasedNode>());
    private readonly Heart _heart = new(clock, logging.CreateLogger<Heart>());
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private QuartzAlarms? _alarms;
    private OccurrenceDispatcher? _dispatcher;
    private bool _isStopped;
    private IAsyncDisposable? _watch;
    private DateTimeOffset _lookedAt;
    private int _beats;
    private bool _isStoreAway;

    public Task Start(CancellationToken cancellationToken)
    {
        _alarms = new QuartzAlarms(OnAlarm, clock, logging);
        _dispatcher = createDispatcher(_alarms);
        _heart.Start(options.Lease / 5, () => _ = Beat());

        // A store that is away must not keep the host from starting.
        return Task.WhenAny(Beat(), Task.Delay(LongestStart, TimeProvider.System, cancellationToken));
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopped, true))
            return;
        _heart.Dispose();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_alarms is not null)
            await _alarms.DisposeAsync().ConfigureAwait(false);
        if (_watch is not null)
            await _watch.DisposeAsync().ConfigureAwait(false);
        await Attempt(() => lease.Release(cancellationToken)).ConfigureAwait(false);
        _stop.Dispose();
        _turn.Dispose();
    }

    public async ValueTask DisposeAsync() => await Stop(CancellationToken.None).ConfigureAwait(false);

    private async Task OnAlarm(Guid id)
    {
        if (lease.IsHeld)
            await _dispatcher!.Dispatch(id, _stop.Token).ConfigureAwait(false);
        else if (store.IsActing)
            await _alarms!.Set(id, clock.GetUtcNow() + UntilSure, _stop.Token).ConfigureAwait(false);
    }

    private async Task Beat()
    {
        // One that takes its time, as the first of a node that takes over, does the work of those that come meanwhile, but for the lease.
        if (!await _turn.WaitAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false))
        {
            await Attempt(() => lease.Renew(_stop.Token)).ConfigureAwait(false);
            return;
        }

        await Attempt(Attend).ConfigureAwait(false);
        _turn.Release();
    }

    private async Task Attend()
    {
        _watch ??= await store.Watch(id => _ = Attempt(() => Reload(id)), _stop.Token).ConfigureAwait(false);
        var mayAct = await lease.Attend(_stop.Token).ConfigureAwait(false);
        Volatile.Write(ref _isStoreAway, false);
        if (mayAct && !store.IsActing)
            await TakeOver().ConfigureAwait(false);
        else if (!mayAct && store.IsActing)
            await StepDown().ConfigureAwait(false);
        else if (mayAct && ++_beats % BeatsBetweenLooks == 0)
            await LookForChanges().ConfigureAwait(false);
    }

    private async Task TakeOver()
    {
        store.IsActing = true;
        _lookedAt = clock.GetUtcNow();
        try
        {
            var (schedules, unreadable) = await store.List(_stop.Token).ConfigureAwait(false);
            _unreadable.Tell(unreadable);
            await _alarms!.SetAll(schedules.Select(AlarmOf).OfType<(Guid, DateTimeOffset)>(), _stop.Token).ConfigureAwait(false);
            await _alarms.Start(_stop.Token).ConfigureAwait(false);
            _log.TakenOver(schedules.Count);
        }
        catch
        {
            // The next beat takes over anew.
            store.IsActing = false;
            throw;
        }
    }

    private async Task StepDown()
    {
        store.IsActing = false;
        await _alarms!.Clear(_stop.Token).ConfigureAwait(false);
        _log.SteppedDown();
    }

    private async Task LookForChanges()
    {
        // A clock that was ahead has set alarms that come too late, whatever was said of their schedules.
        var since = clock.GetUtcNow() < _lookedAt ? DateTimeOffset.UnixEpoch : _lookedAt - Overlap;
        _lookedAt = clock.GetUtcNow();
        var (schedules, unreadable) = await store.ListChanged(since, _stop.Token).ConfigureAwait(false);
        _unreadable.Tell(unreadable);
        foreach (var changed in schedules)
            await SetAlarm(changed).ConfigureAwait(false);
    }

    private async Task Reload(Guid id)
    {
        if (!store.IsActing)
            return;
        store.Forget(id);
        try
        {
            if (await store.Load(id, _stop.Token).ConfigureAwait(false) is { } schedule)
                await SetAlarm(schedule).ConfigureAwait(false);
        }
        catch (UnreadableScheduleException exception)
        {
            _unreadable.Tell(exception.Schedule);
        }
    }

    private async Task SetAlarm(ScheduleSaga schedule)
    {
        // One that does nothing any more keeps the alarm it has: what hears it finds nothing to do.
        if (AlarmOf(schedule) is var (id, at))
            await _alarms!.Set(id, at, _stop.Token).ConfigureAwait(false);
    }

    private (Guid Schedule, DateTimeOffset At)? AlarmOf(ScheduleSaga schedule) => schedule.FirstAlarm(clock.GetUtcNow()) is { } at ? (schedule.CorrelationId, at) : null;

    private async Task Attempt(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node stops.
        }
        catch (StoreUnavailableException exception)
        {
            if (!Interlocked.Exchange(ref _isStoreAway, true))
                _log.StoreAway(exception);
        }
        catch (Exception exception)
        {
            // Nobody waits for it, and the next beat tries again.
            _log.NotAttended(exception);
        }
    }
}
