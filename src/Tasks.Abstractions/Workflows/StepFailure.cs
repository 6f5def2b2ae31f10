namespace TasksBus;

/// <summary>What a call that is there for a failure is told of it, always the same, whatever has failed.</summary>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="Step">The name of the step that failed; of a group or a whole workflow, of the first in its order.</param>
/// <param name="State">How it ended: <see cref="TaskState.Failed"/>, <see cref="TaskState.Revoked"/> or <see cref="TaskState.Expired"/>.</param>
/// <param name="RunId">Its run; null if it never had one.</param>
/// <param name="TaskName">Its task; null if it is none.</param>
/// <param name="Kind">Why it failed; null unless it failed.</param>
/// <param name="Error">Its error; null if there is none.</param>
/// <param name="Reason">Why it was revoked, as whoever did it says; null unless it was, and said so.</param>
public sealed record StepFailure(
    Guid WorkflowId, string Step, TaskState State, Guid? RunId = null, string? TaskName = null, FailureKind? Kind = null, TaskError? Error = null, string? Reason = null);
