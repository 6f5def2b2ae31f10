using Microsoft.Extensions.Logging;

using TasksBus.Tracking;

namespace TasksBus.Delays;

/// <summary>
/// Hands on the documents of a store when their instant has come. Every node runs one: the store gives each document to one of them. What was taken
/// and not brought to an end, because its taker has died or has failed, is taken again once it is not hidden any more.
/// </summary>
/// <remarks>It sleeps until the next document is due, and is woken by the store when an earlier one comes in.</remarks>
/// <param name="store">Where the documents are.</param>
/// <param name="handOn">What to do with one that is due; it must write when the document is due next, or remove it.</param>
/// <param name="hiddenFor">How long that may take.</param>
/// <param name="ahead">How long before its instant a document is taken; whoever it is handed to does not act too soon.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">What goes wrong.</param>
internal sealed class DueDispatcher(
    ISagaStore store, Func<StoredSaga, CancellationToken, Task> handOn, TimeSpan hiddenFor, TimeSpan ahead, TimeProvider clock, ILogger<DueDispatcher> log) : IClockDriven, IAsyncDisposable
{
    private const int BatchSize = 100;
    private const int MostUnderway = 500;

    /// <summary>How long to sleep at most: clocks differ, and signals go astray.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenCleanups = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(1);

    private readonly AlarmClock _alarm = new(clock);
    private readonly Underway _underway = new(MostUnderway);
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private DateTimeOffset _cleanUpAt;
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => Loop(_stop.Token), _stop.Token);

    /// <summary>Takes no more, and lets what was taken come to its end.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        _giveUp.CancelAfter(LongestEnd);
        await _underway.WaitForAll().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        _alarm.Dispose();
        _underway.Dispose();
    }

    /// <remarks>Taking what was due before all time takes nothing, and tells what is next; the store of a test answers at once.</remarks>
    public DateTimeOffset? NextAt => NextOf(store.TakeDue(DateTimeOffset.UnixEpoch, hiddenFor, limit: 1, CancellationToken.None));

    public Task RunDue(DateTimeOffset now, CancellationToken cancellationToken) => DispatchDue(cancellationToken);

    /// <summary>Hands on what is due, and waits until that is done.</summary>
    public async Task DispatchDue(CancellationToken cancellationToken)
    {
        await TakeDue(cancellationToken).ConfigureAwait(false);
        await _underway.WaitForAll().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Until when to sleep: nothing known of now will be due before.</returns>
    private async Task<DateTimeOffset> TakeDue(CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var due = await store.TakeDue(now + ahead, hiddenFor, BatchSize, cancellationToken).ConfigureAwait(false);
            foreach (var saga in due.Sagas)
                await _underway.Start(() => HandOn(saga), cancellationToken).ConfigureAwait(false);
            if (due.NextAt is not { } next || next > now + ahead)
                return UntilNext(due.NextAt, now);
        }
    }

    /// <remarks>What is taken ahead can be taken together: half of that time lies between two looks, and half is left for the way.</remarks>
    private DateTimeOffset UntilNext(DateTimeOffset? nextAt, DateTimeOffset now)
    {
        var (soonest, latest) = (now + (ahead / 2), now + LongestSleep);
        if (nextAt - ahead is not { } next || next > latest)
            return latest;
        return next > soonest ? next : soonest;
    }

    private async Task Loop(CancellationToken cancellationToken)
    {
        IAsyncDisposable? subscription = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var until = clock.GetUtcNow() + AfterFailure;
            try
            {
                subscription ??= await store.WatchDue(_alarm.Wake, cancellationToken).ConfigureAwait(false);
                until = await TakeDue(cancellationToken).ConfigureAwait(false);
                await CleanUp(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.DispatchFailed(exception, store.ToString()!, AfterFailure);
            }

            await _alarm.SleepUntil(until, cancellationToken).ConfigureAwait(false);
        }

        if (subscription is not null)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }

    /// <remarks>Seldom: who is due next waits for it.</remarks>
    private async Task CleanUp(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now < _cleanUpAt)
            return;
        while (await store.RemoveExpired(now, BatchSize, cancellationToken).ConfigureAwait(false) == BatchSize)
        {
            // There is more.
        }

        _cleanUpAt = now + BetweenCleanups;
    }

    private static DateTimeOffset? NextOf(ValueTask<DueSagas> answer) => answer.IsCompletedSuccessfully ? answer.Result.NextAt : null;

    private async Task HandOn(StoredSaga due)
    {
        try
        {
            await handOn(due, _giveUp.Token).ConfigureAwait(false);
        }
        catch (System.Text.Json.JsonException exception)
        {
            log.RecordUnreadable(exception, due.Id);
        }
        catch (Exception exception)
        {
            // One that fails must not keep the others waiting.
            log.NotHandedOn(exception, due.Id, hiddenFor);
        }
    }
}
