using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Tracking;
using TasksBus.Workers;

namespace TasksBus.Delays;

/// <summary>
/// Sends runs to their queues when their instant has come: delayed ones, retries, and those whose worker has died. Every worker runs one;
/// that they race for a run does no harm, since only one of them can save that it took it.
/// </summary>
/// <remarks>It sleeps until the next run is due, and is woken by the store when an earlier one comes in.</remarks>
internal sealed class DueDispatcher(RunTracker tracker, WorkerRegistry workers, RunSender sender, TaskQueueOptions options, TimeProvider clock, ILogger<DueDispatcher> log)
    : IAsyncDisposable
{
    private const int BatchSize = 100;

    /// <summary>How long to sleep at most: clocks differ, signals go astray, and expired records must be cleaned up after.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly AlarmClock _alarm = new(clock);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => Loop(_stop.Token), _stop.Token);

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

    /// <summary>Sends what is due.</summary>
    /// <returns>Until when to sleep: nothing known of now will be due before.</returns>
    public async Task<DateTimeOffset> DispatchDue(CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var due = await tracker.Documents.Store.ListDue(now, BatchSize, cancellationToken).ConfigureAwait(false);
            var moved = await Task.WhenAll(due.Sagas.Select(saga => Dispatch(saga, cancellationToken))).ConfigureAwait(false);

            // Looks once more after the last: what became due behind it, nobody has told us, as it was not the earliest then.
            if (!moved.Contains(true))
                return due.NextAt is { } next && next - now < LongestSleep ? next : now + LongestSleep;
        }
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
                until = await DispatchDue(cancellationToken).ConfigureAwait(false);
                while (await tracker.Documents.Store.RemoveExpired(clock.GetUtcNow(), BatchSize, cancellationToken).ConfigureAwait(false) == BatchSize)
                {
                    // There is more.
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.DispatchFailed(exception, AfterFailure);
            }

            await _alarm.SleepUntil(until, cancellationToken).ConfigureAwait(false);
        }

        if (subscription is not null)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>Whether the run is no longer due.</returns>
    private async Task<bool> Dispatch(StoredSaga stored, CancellationToken cancellationToken)
    {
        try
        {
            await Dispatch(tracker.Documents.Read(stored), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (System.Text.Json.JsonException exception)
        {
            // One record that nobody can read must not keep the others waiting.
            log.RecordUnreadable(exception, stored.Id);
            return false;
        }
    }

    private async Task Dispatch(SagaDocument<TaskSaga> run, CancellationToken cancellationToken)
    {
        // The run stays due until the broker has confirmed it. Should this process die in between, another sends it once more; a message too many is dropped at its claim.
        var due = new RunDue(run.Saga.CorrelationId, options.SubmitTimeout * 2);
        var taken = await tracker.RaiseOn(run, tracker.Machine.Due, due, orAbsent: false, workers.Judge, cancellationToken).ConfigureAwait(false);
        if (taken is null || !due.MustSend)
            return;

        var sent = new RunSent(taken.Saga.CorrelationId, taken.Saga.FencingToken, taken.Saga.DueAt);
        try
        {
            await sender.Send(RunMessage.From(taken.Saga), cancellationToken).ConfigureAwait(false);
        }
        catch (SubmitException exception)
        {
            log.NotSent(exception, taken.Saga.TaskName, taken.Saga.CorrelationId);
            return;
        }

        await tracker.RaiseOn(taken, tracker.Machine.Sent, sent, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

}
