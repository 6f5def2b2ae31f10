using System.Text.Json;

using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Describes failures of steps, and keeps them.</summary>
internal static class StepFailures
{
    /// <summary>Why a run that has not succeeded did not.</summary>
    public static StepFailure Of(TaskSaga run) =>
        new(run.Step!.WorkflowId, run.Step.Name, Enum.Parse<TaskState>(run.CurrentState), run.CorrelationId, run.TaskName, run.FailureKind, run.Error,
            run.Is(TaskState.Revoked) ? run.RevokeReason : null);

    /// <summary>The end of a call that cannot be started.</summary>
    public static NodeEnd Refused(Guid workflowId, int node, NodeDefinition definition, Exception exception) => new StepFailure(
        workflowId, definition.Name, TaskState.Failed, WorkflowIds.RunOf(workflowId, node), definition.Call!.TaskName, FailureKind.BadPayload, TaskError.From(exception)).ToEnd();

    /// <summary>The end of a node that has not succeeded.</summary>
    public static NodeEnd ToEnd(this StepFailure failure, TaskState? state = null) => new(state ?? failure.State, Failure: JsonSerializer.SerializeToUtf8Bytes(failure, Payload.DefaultOptions));

    public static StepFailure? Read(ReadOnlyMemory<byte>? json) => json is { } failure ? JsonSerializer.Deserialize<StepFailure>(failure.Span, Payload.DefaultOptions) : null;
}
