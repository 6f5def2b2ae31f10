using Microsoft.Extensions.Logging;

using TasksBus.Delays;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>
/// Looks after workflows whose time has come: a step waits for that instant, a deadline passes, or nothing was heard of them for a while. Every worker runs one;
/// the store gives each workflow to one of them.
/// </summary>
internal sealed class WorkflowPump(WorkflowTracker tracker, WorkflowKeeper keeper, TimeProvider clock, ILogger<WorkflowPump> log) : IAsyncDisposable
{
    private const int PageSize = 100;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    /// <summary>How long one that looks after a workflow keeps the others from it, and until when it tries again what it could not do.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(5);

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
            var now = clock.GetUtcNow();
            var due = await tracker.Documents.Store.TakeDue(now, Hidden, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (var workflow in due.Sagas)
                await Look(workflow, cancellationToken).ConfigureAwait(false);

            if (due.NextAt is not { } next || next > now)
                return due.NextAt < now + LongestSleep ? due.NextAt.Value : now + LongestSleep;
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

    /// <remarks>One that cannot be looked after must not keep the others waiting.</remarks>
    private async Task Look(StoredSaga workflow, CancellationToken cancellationToken)
    {
        try
        {
            await keeper.Look(tracker.Documents.Read(workflow), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not StoreUnavailableException)
        {
            log.WorkflowNotLooked(exception, workflow.Id);
        }
    }
}
