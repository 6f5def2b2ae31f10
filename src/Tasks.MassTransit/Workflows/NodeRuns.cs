using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Makes runs of the calls of workflows. Safe to share between threads.</summary>
internal sealed class NodeRuns(TaskCatalogue catalogue, TimeProvider clock)
{
    private readonly RunRequest _request = new(catalogue, clock);

    /// <summary>The run of a call that may start now.</summary>
    /// <exception cref="ArgumentException">It cannot start any more.</exception>
    public Submission Of(Guid workflowId, int node, NodeDefinition definition, Payload? arguments = null)
    {
        var call = definition.Call!;
        var options = (call.Options ?? new RunOptions()) with { RunId = WorkflowIds.RunOf(workflowId, node) };
        var submission = _request.Create(catalogue.OptionsOf(call.TaskName), arguments ?? call.Arguments, options, isQueueSettled: true);
        return submission with
        {
            HasGivenId = false,
            Message = submission.Message with
            {
                Arguments = call.Inputs.Count > 0 && arguments is null ? null : submission.Message.Arguments,
                Step = new WorkflowPlace(workflowId, definition.Name, node),
                IsMany = call.IsMany,
                Restarts = definition.Restarts,
            },
        };
    }
}
