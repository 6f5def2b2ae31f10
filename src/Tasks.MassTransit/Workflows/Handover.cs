namespace TasksBus.Workflows;

/// <summary>What a step keeps of the workflow that goes on in its place: its id is what the step is given, as a signal is what one is given that waits.</summary>
internal static class Handover
{
    /// <summary>Keeps it; before the step ends, which is then no longer to be given anything.</summary>
    public static async ValueTask Keep(IWorkflowStore nodes, WorkflowPlace step, Guid continuation, CancellationToken cancellationToken) =>
        await nodes.Give(step.WorkflowId, step.Node, continuation.ToByteArray(), cancellationToken).ConfigureAwait(false);

    /// <summary>The workflow that goes on in the place of a step; if nothing is kept of one, that to which its run would hand over first.</summary>
    public static Guid OfOrFirst(Guid workflowId, StoredNode node, NodeDefinition definition) => Of(node, definition) ?? WorkflowIds.ContinuationOf(WorkflowIds.RunOf(workflowId, node.Node));

    /// <summary>The workflow that goes on in the place of a step; null if it has not handed over.</summary>
    public static Guid? Of(StoredNode node, NodeDefinition definition) => definition.Kind == NodeKind.Call && node.Given is { } given ? new Guid(given.Span) : null;
}
