using System.Text.Json;

using TasksBus.Client;
using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>Submits a run.</summary>
internal sealed class RunAction(TaskClient client) : IScheduleAction
{
    public string Kind => ScheduledRun.Kind;

    public bool WaitsForInstant => true;

    public Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken)
    {
        var run = content.As<ScheduledRun>() ?? throw new JsonException($"Schedule '{occurrence.Schedule}' does not say what to run.");
        var options = (run.Options ?? new RunOptions()) with { RunId = occurrence.Id, Headers = occurrence.HeadersBeside(run.Options?.Headers) };
        return client.RunAt(occurrence.DueAt, run.TaskName, run.Arguments, options, cancellationToken);
    }

    public async Task<bool> IsOver(Guid id, CancellationToken cancellationToken) =>
        await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false) is { IsFinal: true } or { State: TaskState.NotFound };

    public async Task<ScheduleOutcome?> OutcomeOf(Guid id, CancellationToken cancellationToken) =>
        await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false) is { IsFinal: true, FinishedAt: { } endedAt } run
            ? new ScheduleOutcome(id, run.State, endedAt, run.Error?.Message ?? run.RevokeReason)
            : null;

    public async Task WaitForEnd(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await client.Find(id).Completion(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (TaskNotFoundException)
        {
            // Its record has expired, or was removed: there is nothing left to wait for.
        }
    }

    public Task Revoke(Guid id, string reason, CancellationToken cancellationToken) => client.Find(id).Revoke(reason, cancellationToken);
}
