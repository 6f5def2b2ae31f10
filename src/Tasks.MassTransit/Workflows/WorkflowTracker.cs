using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Raises events on workflows. Safe to share between threads.</summary>
internal sealed class WorkflowTracker(WorkflowStateMachine machine, SagaDocuments<WorkflowSaga> documents) : SagaTracker<WorkflowSaga>(machine, documents)
{
    /// <summary>The machine behind the tracker.</summary>
    public WorkflowStateMachine Machine { get; } = machine;
}
