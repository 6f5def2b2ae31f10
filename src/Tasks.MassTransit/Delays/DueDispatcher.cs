using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Delays;

/// <summary>
/// Sends runs to their queues when their instant has come: delayed ones, retries, and those whose worker has died. Every worker runs one;
/// that they race for a run does no harm, since only one of them can save that it took it.
/// </summary>
/// <remarks>It sleeps until the next run is due, and is woken by the store when an earlier one comes in.</remarks>
internal sealed class DueDispatcher(RunTracker tracker, RunSender sender, TaskQueueOptions options, TimeProvider clock, ILogger<DueDispatcher> log)
    : IAsyncDisposable
{
    private const int BatchSize = 100;

    /// <summary>How long to sleep at most: clocks differ, signals go astray, and expired records must be cleaned up after.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _wake = new(initialCount: 0, maxCount: 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => Loop(_stop.Token), _stop.Token);

    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync() => await Stop().ConfigureAwait(false);

    private async Task Loop(CancellationToken cancellationToken)
    {
        IAsyncDisposable? subscription = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var sleep = TimeSpan.FromSeconds(1);
            try
            {
                subscription ??= await tracker.Documents.Store.WatchDue(Wake, cancellationToken).ConfigureAwait(false);
                sleep = await DispatchDue(cancellationToken).ConfigureAwait(false);
                await tracker.Documents.Store.RemoveExpired(clock.GetUtcNow(), BatchSize, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                log.DispatchFailed(exception, sleep);
            }

            await Sleep(sleep, cancellationToken).ConfigureAwait(false);
        }

        if (subscription is not null)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Sends what is due.</summary>
    /// <returns>How long nothing more will be.</returns>
    private async Task<TimeSpan> DispatchDue(CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var due = await tracker.Documents.Store.ListDue(now, BatchSize, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(due.Sagas.Select(saga => Dispatch(tracker.Documents.Read(saga), cancellationToken))).ConfigureAwait(false);
            if (due.Sagas.Count < BatchSize)
                return due.NextAt is { } next && next - now < LongestSleep ? next - now : LongestSleep;
        }
    }

    private async Task Dispatch(SagaDocument<TaskSaga> run, CancellationToken cancellationToken)
    {
        // The run stays due until the broker has confirmed it. Should this process die in between, another sends it once more; a message too many is dropped at its claim.
        var due = new RunDue(run.Saga.CorrelationId, options.SubmitTimeout * 2);
        var taken = await tracker.RaiseOn(run, tracker.Machine.Due, due, orAbsent: false, cancellationToken).ConfigureAwait(false);
        if (taken is null || !due.MustSend)
            return;

        try
        {
            await sender.Send(MessageOf(taken.Saga), cancellationToken).ConfigureAwait(false);
        }
        catch (SubmitException exception)
        {
            log.NotSent(exception, taken.Saga.TaskName, taken.Saga.CorrelationId);
            return;
        }

        await tracker.RaiseOn(taken, tracker.Machine.Sent, new RunSent(taken.Saga.CorrelationId, taken.Saga.DueAt), orAbsent: false, cancellationToken).ConfigureAwait(false);
    }

    private static RunMessage MessageOf(TaskSaga run) => new()
    {
        RunId = run.CorrelationId,
        TaskName = run.TaskName,
        Arguments = run.Arguments,
        SubmittedAt = run.SubmittedAt,
        ExpiresAt = run.ExpiresAt,
        Headers = run.Headers,
        Queue = run.Queue,
        Priority = run.Priority,
        IsResent = true,
    };

    private async Task Sleep(TimeSpan time, CancellationToken cancellationToken)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_wake.WaitAsync(awake.Token), Task.Delay(time, clock, awake.Token)).ConfigureAwait(false);
        await awake.CancelAsync().ConfigureAwait(false);
    }

    private void Wake()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }
}
