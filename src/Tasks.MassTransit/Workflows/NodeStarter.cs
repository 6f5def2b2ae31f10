using System.Text.Json;

using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Sends the runs of calls whose turn has come: alone, or as the first of a line. Safe to share between threads.</summary>
internal sealed class NodeStarter(NodeRuns runs, NodeResults results, RunSubmitter submitter, RunTracker tracker, Slips slips, TimeProvider clock)
{
    /// <summary>Starts a call.</summary>
    /// <returns>Its end, if it cannot start any more.</returns>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    public async Task<NodeEnd?> Start(Guid workflowId, int node, NodeDefinition definition, CancellationToken cancellationToken)
    {
        var call = definition.Call!;
        if (definition.Line is { } line)
        {
            await slips.Send(workflowId, [new LineStop(node, call.Options!.Queue!, definition.Name), .. line], call.Options.Priority!.Value, cancellationToken).ConfigureAwait(false);
            return null;
        }

        return await StartAlone(workflowId, node, definition, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a call without those that follow it.</summary>
    /// <returns>Its end, if it cannot start any more.</returns>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    public async Task<NodeEnd?> StartAlone(Guid workflowId, int node, NodeDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.Call!.Options?.ExpiresAt <= clock.GetUtcNow())
            return new StepFailure(workflowId, definition.Name, TaskState.Expired, WorkflowIds.RunOf(workflowId, node), definition.Call.TaskName).ToEnd();
        try
        {
            // What makes it unique may be among the arguments that come from other steps.
            var arguments = definition.Call.Options?.Unique is null ? null : await results.ArgumentsOf(workflowId, definition.Call, definition.IsForFailure, cancellationToken).ConfigureAwait(false);
            await submitter.Submit(runs.Of(workflowId, node, definition, arguments), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException)
        {
            return StepFailures.Refused(workflowId, node, definition, exception);
        }
    }

    /// <summary>Takes the run of a call back, also if it waits where nobody knows of it yet.</summary>
    public async Task Revoke(Guid workflowId, int node, NodeDefinition definition, string reason, CancellationToken cancellationToken)
    {
        var revoke = new RevokeTask(WorkflowIds.RunOf(workflowId, node), reason);
        if (await tracker.Raise(tracker.Machine.RevokeWanted, revoke, revoke.RunId, cancellationToken).ConfigureAwait(false) is not null)
            return;

        // It may have come to its time to expire: what is to be revoked must be known all the same.
        var call = definition.Call! with { Options = definition.Call.Options is { } options ? options with { ExpiresAt = null, ExpiresIn = null } : null };
        var submission = runs.Of(workflowId, node, definition with { Call = call });
        await tracker.Submit(NewRun.From(submission.Message, submission.Task, submission.Message.Queue!, clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        await tracker.Raise(tracker.Machine.RevokeWanted, revoke, revoke.RunId, cancellationToken).ConfigureAwait(false);
    }
}
