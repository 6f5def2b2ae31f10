using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Tracking;
using TasksBus.Transport;

namespace TasksBus.Workflows;

/// <summary>Sends steps again whose messages the broker has lost. Safe to share between threads.</summary>
/// <remarks>
/// No broker can be asked for one message; but where none waits in a queue, none waits there for a run. If one was only on its way, or a worker holds it that has not begun
/// with it, the second is one too many, and is dropped at its claim.
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
                await sender.Send(RunMessage.From(run) with { SentVersion = NewRun.Version + 1 }, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether a message is all that the run waits for: neither for an instant nor for a limit, for which the store would send it.</summary>
    private static bool IsInQueue(TaskSaga run) => run.Is(TaskState.Pending) && run.WaitsFor is null && (run.DueAt is null || run.DueAt == run.ExpiresAt);
}
