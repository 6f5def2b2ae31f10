namespace TasksBus;

/// <summary>Which step of which workflow a run is.</summary>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="Name">The name of the step, once in the workflow.</param>
/// <param name="Node">Its number in the workflow.</param>
public sealed record WorkflowPlace(Guid WorkflowId, string Name, int Node);
