using System.Text.Json;

using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>Starts a workflow.</summary>
internal sealed class WorkflowAction(ITaskClient client) : IScheduleAction
{
    public string Kind => ScheduledWorkflow.Kind;

    public Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken)
    {
        var scheduled = content.As<ScheduledWorkflow>() ?? throw new JsonException($"Schedule '{occurrence.Schedule}' does not say what to start.");
        var options = (scheduled.Options ?? new WorkflowOptions()) with { WorkflowId = occurrence.Id, Headers = occurrence.HeadersBeside(scheduled.Options?.Headers) };
        return client.Run(scheduled.Workflow.As<Workflow>()!, options, cancellationToken);
    }

    public async Task<bool> IsOver(Guid id, CancellationToken cancellationToken) =>
        await client.FindWorkflow(id).Snapshot(cancellationToken).ConfigureAwait(false) is { IsFinal: true } or { State: WorkflowState.NotFound };

    public async Task<ScheduleOutcome?> OutcomeOf(Guid id, CancellationToken cancellationToken) =>
        await client.FindWorkflow(id).Snapshot(cancellationToken).ConfigureAwait(false) is { IsFinal: true, FinishedAt: { } endedAt } workflow
            ? new ScheduleOutcome(id, Enum.Parse<TaskState>($"{workflow.State}"), endedAt, workflow.Failure?.Error?.Message ?? workflow.Failure?.Reason ?? workflow.RevokeReason)
            : null;

    public async Task WaitForEnd(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await client.FindWorkflow(id).Completion(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (WorkflowNotFoundException)
        {
            // It has ended, and is not kept any more.
        }
    }

    public Task Revoke(Guid id, string reason, CancellationToken cancellationToken) => client.FindWorkflow(id).Revoke(reason, cancellationToken);
}
