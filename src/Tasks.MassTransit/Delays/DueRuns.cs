using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;
using TasksBus.Workers;

namespace TasksBus.Delays;

/// <summary>Does what a run has waited for: sends delayed ones, retries and those whose worker has died to their queues, and ends those that have expired.</summary>
/// <remarks>
/// A run is recorded as sent only once the broker has confirmed it. Should this process die before, the run is taken by another one when it is not
/// hidden any more, and sent once more; a message too many is dropped at its claim. A run that waits for its first attempt is sent a moment before its
/// instant, for which its worker waits; everything else waits here until it is due.
/// </remarks>
internal sealed class DueRuns(RunTracker tracker, WorkerRegistry workers, RunSender sender, TimeProvider clock, ILogger<DueRuns> log)
{
    /// <summary>Does it for a run that was taken.</summary>
    public async Task HandOn(StoredSaga stored, CancellationToken cancellationToken)
    {
        var document = tracker.Documents.Read(stored);
        var dueAt = document.Saga.DueAt ?? clock.GetUtcNow();
        if (!document.Saga.Is(TaskState.Scheduled))
            await clock.WaitUntil(dueAt, cancellationToken).ConfigureAwait(false);

        var isAhead = dueAt > clock.GetUtcNow();
        var due = new RunDue(stored.Id, isAhead ? RunMessage.SentAhead : TimeSpan.Zero);
        var run = await tracker.RaiseOn(document, tracker.Machine.Due, due, orAbsent: false, workers.Judge, cancellationToken).ConfigureAwait(false);
        if (run is null || !due.MustSend)
            return;

        var sent = new RunSent(stored.Id, run.Saga.FencingToken, run.Saga.DueAt);
        try
        {
            await sender.Send(RunMessage.From(run.Saga), cancellationToken).ConfigureAwait(false);
        }
        catch (SubmitException exception)
        {
            log.NotSent(exception, run.Saga.TaskName, stored.Id);
            return;
        }

        // Its worker takes the record to be as its submission has made it: written now, it would have to be read again.
        if (isAhead)
            await clock.WaitUntil(dueAt + RunMessage.SentAhead, cancellationToken).ConfigureAwait(false);
        await tracker.RaiseOn(run, tracker.Machine.Sent, sent, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
