using System.Text.Json;

using TasksBus.Client;
using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>Submits a run. One that hands over goes on until the workflow has ended that takes its place.</summary>
internal sealed class RunAction(TaskClient client) : IScheduleAction
{
    private readonly WorkflowAction _continuations = new(client);

    public string Kind => ScheduledRun.Kind;

    public bool WaitsForInstant => true;

    public Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken)
    {
        var run = content.As<ScheduledRun>() ?? throw new JsonException($"Schedule '{occurrence.Schedule}' does not say what to run.");
        var options = (run.Options ?? new RunOptions()) with { RunId = occurrence.Id, Headers = occurrence.HeadersBeside(run.Options?.Headers) };
        return client.RunAt(occurrence.DueAt, run.TaskName, run.Arguments, options, cancellationToken);
    }

    public async Task<bool> IsOver(Guid id, CancellationToken cancellationToken)
    {
        var run = await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false);
        return ContinuationOf(run) is { } workflow
            ? await _continuations.IsOver(workflow, cancellationToken).ConfigureAwait(false)
            : run is { IsFinal: true } or { State: TaskState.NotFound };
    }

    public async Task<ScheduleOutcome?> OutcomeOf(Guid id, CancellationToken cancellationToken)
    {
        var run = await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false);
        if (ContinuationOf(run) is { } workflow)
            return await _continuations.OutcomeOf(workflow, cancellationToken).ConfigureAwait(false) is { } outcome ? outcome with { RunId = id } : null;
        return run is { IsFinal: true, FinishedAt: { } endedAt } ? new ScheduleOutcome(id, run.State, endedAt, run.Error?.Message ?? run.RevokeReason) : null;
    }

    public async Task WaitForEnd(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            var run = await client.Find(id).Completion(cancellationToken: cancellationToken).ConfigureAwait(false);
            if (ContinuationOf(run) is { } workflow)
                await _continuations.WaitForEnd(workflow, cancellationToken).ConfigureAwait(false);
        }
        catch (TaskNotFoundException)
        {
            // Its record has expired, or was removed: there is nothing left to wait for.
        }
    }

    /// <remarks>That of a run that has handed over reaches what took its place.</remarks>
    public Task Revoke(Guid id, string reason, CancellationToken cancellationToken) => client.Find(id).Revoke(reason, cancellationToken);

    private static Guid? ContinuationOf(TaskSnapshot run) => run.State == TaskState.Succeeded ? run.ContinuedAs : null;
}
