using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Tracking;
using TasksBus.Transport;

namespace TasksBus.Workflows;

/// <summary>Sends steps again whose messages the broker has lost. Safe to share between threads.</summary>
/// <remarks>
/// No broker can be asked for one message; but where none waits in a queue, none waits there for a run. One that was only on its way makes the second one too many, which is
/// dropped at its claim; and as the second waits in the queue, there is never a third.
/// </remarks>
internal sealed class LostMessages(QueueBus bus, BrokerNames names, RunSender sender, ILogger<LostMessages> log)
{
    /// <summary>Sends those of some runs again that should be in a queue in which nothing waits.</summary>
    /// <exception cref="SubmitException">The broker did not confirm in time.</exception>
    public async Task Replace(IEnumerable<TaskSaga> runs, CancellationToken cancellationToken)
    {
        foreach (var waiting in runs.Where(IsInQueue).GroupBy(run => run.Queue, StringComparer.Ordinal))
        {
            if (!await bus.Transport.IsEmpty(names.Queue(waiting.Key), cancellationToken).ConfigureAwait(false))
                continue;
            foreach (var run in waiting)
            {
                log.SentAgain(run.TaskName, run.CorrelationId, run.Step!.Name, run.Step.WorkflowId, run.Queue);
                await sender.Send(RunMessage.From(run), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether a message is all that the run waits for: neither for an instant nor for a limit, for which the store would send it.</summary>
    private static bool IsInQueue(TaskSaga run) => run.Is(TaskState.Pending) && run.WaitsFor is null && (run.DueAt is null || run.DueAt == run.ExpiresAt);
}
