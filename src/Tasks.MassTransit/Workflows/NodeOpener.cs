using System.Text.Json;

using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Gives the run of a step that a routing slip has come to. Safe to share between threads.</summary>
internal sealed class NodeOpener(Foundation foundation, NodeRuns runs, NodeResults results, WorkflowKeeper keeper)
{
    /// <summary>The run, with its arguments.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if it is over: nothing is known of the workflow, the step has ended or is not to begin, or the end of the one before is not known.</returns>
    public async ValueTask<RunMessage?> Open(Guid workflowId, StepArguments step, CancellationToken cancellationToken)
    {
        // The one before mostly has the result that it takes: what is read together costs one way.
        var stored = await foundation.Workflows.Read(workflowId, step.Before is { } other ? [step.Node, other] : [step.Node], cancellationToken).ConfigureAwait(false);
        if (stored.Count == 0 || stored[0] is { End.State: not TaskState.Succeeded } or { End: null, IsStopped: true })
            return null;
        if (step.Before is { } before && stored.SingleOrDefault(node => node.Node == before)?.End is null)
            return null;
        var definition = NodeDefinition.Read(stored[0].Definition);
        if (await Message(workflowId, step.Node, definition, cancellationToken).ConfigureAwait(false) is not { } message)
            return null;
        try
        {
            var arguments = await results.ArgumentsOf(workflowId, definition.Call!, definition.IsForFailure, cancellationToken, known: stored[^1]).ConfigureAwait(false);
            return message with { Arguments = arguments, CarriesOnTo = step.Next };
        }
        catch (JsonException)
        {
            // Without them it is refused as any other run is whose arguments cannot be put together.
            return message with { CarriesOnTo = step.Next };
        }
    }

    /// <returns>Null if it cannot start any more, which then is the end of the step.</returns>
    private async ValueTask<RunMessage?> Message(Guid workflowId, int node, NodeDefinition definition, CancellationToken cancellationToken)
    {
        try
        {
            return runs.Of(workflowId, node, definition).Message;
        }
        catch (ArgumentException exception)
        {
            await keeper.End(workflowId, node, StepFailures.Refused(workflowId, node, definition, exception), carriesOnTo: null, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }
}
