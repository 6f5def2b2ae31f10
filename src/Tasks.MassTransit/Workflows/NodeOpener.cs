using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Gives the run of a step that a routing slip has come to. Safe to share between threads.</summary>
internal sealed class NodeOpener(Foundation foundation, NodeRuns runs, NodeResults results)
{
    /// <summary>The run, with its arguments.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if it is over: nothing is known of the workflow, or the step has ended, or is not to begin any more.</returns>
    public async ValueTask<RunMessage?> Open(Guid workflowId, StepArguments step, CancellationToken cancellationToken)
    {
        // The one before mostly has the result that it takes: what is read together costs one way.
        var stored = await foundation.Workflows.Read(workflowId, step.Before is { } other ? [step.Node, other] : [step.Node], cancellationToken).ConfigureAwait(false);
        if (stored.Count == 0 || stored[0] is { End.State: not TaskState.Succeeded } or { End: null, IsStopped: true })
            return null;
        var definition = NodeDefinition.Read(stored[0].Definition);
        var arguments = await results.ArgumentsOf(workflowId, definition.Call!, definition.IsForFailure, cancellationToken, known: stored[^1]).ConfigureAwait(false);
        return runs.Of(workflowId, step.Node, definition, arguments).Message with { CarriesOnTo = step.Next };
    }
}
