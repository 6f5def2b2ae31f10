using System.Text.Json.Serialization;

using MassTransit;

namespace TasksBus.Workflows;

/// <summary>The memory of a workflow as a whole; what is known of its steps, an <see cref="IWorkflowStore"/> keeps.</summary>
public sealed class WorkflowSaga : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The kind of saga that a workflow is.</summary>
    internal const string Kind = "workflow";

    /// <summary>The workflow.</summary>
    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    /// <summary>Counts the writes of the document.</summary>
    [JsonIgnore]
    public int Version { get; set; }

    /// <summary>A name of <see cref="WorkflowState"/>.</summary>
    public string CurrentState { get; set; } = nameof(WorkflowState.Running);

    /// <summary>Given with the workflow.</summary>
    public string? Name { get; set; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; set; }

    /// <summary>When it became final.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>The earliest of the instants for which steps wait, however many do.</summary>
    public DateTimeOffset? AlarmAt { get; set; }

    /// <summary>When to see whether something was forgotten.</summary>
    public DateTimeOffset? LookAt { get; set; }

    /// <summary>How many steps had ended at the last look.</summary>
    public int EndedAtLook { get; set; }

    /// <summary>When somebody began for the last time to look at each open step; null: nobody has.</summary>
    public DateTimeOffset? InspectedAt { get; set; }

    /// <summary>How long to wait until the next look.</summary>
    public TimeSpan LookAfter { get; set; }

    /// <summary>Until when it belongs to whoever prepares it for another time, unless they are heard of; null: nobody does, or it is done.</summary>
    public DateTimeOffset? ReopeningUntil { get; set; }

    /// <summary>The first step that is to be taken for the whole failing.</summary>
    public StepFailure? Failure { get; set; }

    /// <summary>How it ends once its steps are taken back.</summary>
    public WorkflowState EndsAs { get; set; }

    /// <summary>Why somebody took it back.</summary>
    public string? RevokeReason { get; set; }

    /// <summary>The run that has handed over to it.</summary>
    public Guid? ParentRunId { get; set; }

    /// <summary>The step that it stands for.</summary>
    public WorkflowPlace? ParentStep { get; set; }

    /// <summary>Whether it takes the steps of <see cref="ParentStep"/>'s workflow back.</summary>
    public bool IsCompensation { get; set; }

    /// <summary>The outermost workflow that it is a part of.</summary>
    public Guid RootId { get; set; }

    /// <summary>The node whose result is that of the workflow.</summary>
    public int Last { get; set; }

    /// <summary>How many steps it was submitted with.</summary>
    public int Steps { get; set; }

    /// <summary>The steps that wait for a signal, by name.</summary>
    public IDictionary<string, int>? Signals { get; set; }

    /// <summary>Whether steps are to be taken back if it fails.</summary>
    public bool HasCompensations { get; set; }

    /// <summary>Whether something may go on for which nothing waits: calls beside a part, or what stood before a step that was taken back. Somebody must look after that, also after its end.</summary>
    public bool HasSides { get; set; }

    /// <summary>How long it is kept once final.</summary>
    public TimeSpan Lifetime { get; set; }

    /// <summary>Whether nobody has anything to do once its last step has succeeded: it is no part of another, and nothing goes on beside it.</summary>
    [JsonIgnore]
    internal bool StandsAlone => this is { ParentStep: null, IsCompensation: false, HasSides: false };

    /// <summary>Whether the workflow is in this state.</summary>
    public bool Is(WorkflowState state) => string.Equals(CurrentState, state.ToString(), StringComparison.Ordinal);

    /// <summary>The state.</summary>
    [JsonIgnore]
    internal WorkflowState State => Enum.Parse<WorkflowState>(CurrentState);
}
