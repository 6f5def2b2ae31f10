using Microsoft.Extensions.Logging;

using TasksBus.Delays;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>
/// Looks after workflows whose time has come: a step waits for that instant, a deadline passes, or nothing was heard of them for a while. Every worker runs one; of
/// several that see the same, one looks.
/// </summary>
internal sealed class WorkflowPump(WorkflowTracker tracker, WorkflowKeeper keeper, TimeProvider clock, ILogger<WorkflowPump> log) : IAsyncDisposable
{
    private const int PageSize = 100;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly AlarmClock _alarm = new(clock);
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => Loop(_stop.Token), _stop.Token);

    /// <summary>Looks after those whose time has come.</summary>
    /// <returns>When the next one's comes.</returns>
    public async Task<DateTimeOffset> LookAfterDue(CancellationToken cancellationToken)
    {
        while (true)
        {
            var due = await tracker.Documents.Store.ListDue(clock.GetUtcNow(), PageSize, cancellationToken).ConfigureAwait(false);
            var isAnyLeft = false;
            foreach (var workflow in due.Sagas)
                isAnyLeft |= !await Look(workflow, cancellationToken).ConfigureAwait(false);

            var latest = clock.GetUtcNow() + (isAnyLeft ? AfterFailure : LongestSleep);
            if (due.Sagas.Count == 0 || isAnyLeft)
                return due.NextAt < latest ? due.NextAt.Value : latest;
        }
    }

    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        _alarm.Dispose();
    }

    private async Task Loop(CancellationToken cancellationToken)
    {
        IAsyncDisposable? subscription = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var until = clock.GetUtcNow() + AfterFailure;
            try
            {
                subscription ??= await tracker.Documents.Store.WatchDue(_alarm.Wake, cancellationToken).ConfigureAwait(false);
                until = await LookAfterDue(cancellationToken).ConfigureAwait(false);
                await tracker.Documents.Store.RemoveExpired(clock.GetUtcNow(), PageSize, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.NotLooked(exception, AfterFailure);
            }

            await _alarm.SleepUntil(until, cancellationToken).ConfigureAwait(false);
        }

        if (subscription is not null)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>Whether it could be looked after; one that cannot must not keep the others waiting.</returns>
    private async Task<bool> Look(StoredSaga workflow, CancellationToken cancellationToken)
    {
        try
        {
            await keeper.Look(tracker.Documents.Read(workflow), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not StoreUnavailableException)
        {
            log.WorkflowNotLooked(exception, workflow.Id);
            return false;
        }
    }
}
