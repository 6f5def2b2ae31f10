using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Gives the run of a step that a routing slip has come to. Safe to share between threads.</summary>
internal sealed class NodeOpener(Foundation foundation, NodeRuns runs, NodeResults results)
{
    /// <summary>The run, with its arguments.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="node">The step.</param>
    /// <param name="carriesOnTo">The step to which the slip goes on from it; null if it is the last on it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if it is over: nothing is known of the workflow, or the step has ended.</returns>
    public async ValueTask<RunMessage?> Open(Guid workflowId, int node, int? carriesOnTo, CancellationToken cancellationToken)
    {
        var stored = await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        if (stored.Count == 0 || stored[0].End is { State: not TaskState.Succeeded })
            return null;
        var definition = NodeDefinition.Read(stored[0].Definition);
        var arguments = await results.ArgumentsOf(workflowId, definition.Call!, definition.IsForFailure, cancellationToken).ConfigureAwait(false);
        return runs.Of(workflowId, node, definition, arguments).Message with { CarriesOnTo = carriesOnTo };
    }
}
