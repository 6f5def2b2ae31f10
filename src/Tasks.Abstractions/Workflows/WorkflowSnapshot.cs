namespace TasksBus;

/// <summary>A workflow at one moment. Does not change.</summary>
public sealed record WorkflowSnapshot
{
    /// <summary>The workflow.</summary>
    public required Guid WorkflowId { get; init; }

    /// <summary>Where it is; <see cref="WorkflowState.NotFound"/> if nothing is known of it, and then nothing else is set.</summary>
    public required WorkflowState State { get; init; }

    /// <summary>Its name; null if it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Every step, in the order in which the workflow names them.</summary>
    public IReadOnlyList<StepSnapshot> Steps { get; init; } = [];

    /// <summary>How many steps have ended.</summary>
    public int Done { get; init; }

    /// <summary>How many steps there are.</summary>
    public int Total { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When it became final.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The instant at which it expires unless it has ended; null: never.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Why it failed; null if it has not.</summary>
    public StepFailure? Failure { get; init; }

    /// <summary>Why somebody took it back, if they said.</summary>
    public string? RevokeReason { get; init; }

    /// <summary>The run that has handed over to it, or that it compensates for; null if it was submitted by itself.</summary>
    public Guid? ParentRunId { get; init; }

    /// <summary>The workflow that takes back what its steps have done; null if nothing is to be taken back, or not yet. One that fails did not take back all.</summary>
    public Guid? CompensationId { get; init; }

    /// <summary>The workflow that it is a part of; null if it is not.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>The outermost workflow that it is a part of; its own id if it is not.</summary>
    public Guid RootId { get; init; }

    /// <summary>Whether it has ended for good.</summary>
    public bool IsFinal => State.IsFinal();
}

/// <summary>A step of a workflow at one moment.</summary>
public sealed record StepSnapshot
{
    /// <summary>Its name, once in a workflow.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is; <see cref="TaskState.Pending"/>, too, while others that it waits for have not ended. A step that was never run because others failed is <see cref="TaskState.Revoked"/>.</summary>
    public required TaskState State { get; init; }

    /// <summary>Its run, whether submitted yet or not; null for a step that is none: a signal, an instant, a join.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Its task; null if it is none.</summary>
    public string? TaskName { get; init; }

    /// <summary>The workflow that took the place of its run, whose <see cref="WorkflowSnapshot.ParentId"/> is this one; null if it has not handed over.</summary>
    public Guid? ContinuedAs { get; init; }

    /// <summary>The steps that it waits for.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Why it did not succeed; null if it has, or has not ended.</summary>
    public StepFailure? Failure { get; init; }
}

/// <summary>Where a workflow is. The last four are final.</summary>
public enum WorkflowState
{
    /// <summary>No workflow of this id is known.</summary>
    NotFound = 0,

    /// <summary>Its steps run, or wait.</summary>
    Running = 1,

    /// <summary>A step has failed; the steps before it are taken back.</summary>
    Compensating = 2,

    /// <summary>It has its result. Final.</summary>
    Succeeded = 3,

    /// <summary>A step failed. Final, unless it is retried.</summary>
    Failed = 4,

    /// <summary>Somebody took it back. Final, unless it is retried.</summary>
    Revoked = 5,

    /// <summary>Its deadline passed. Final, unless it is retried.</summary>
    Expired = 6,
}

/// <summary>Questions about a <see cref="WorkflowState"/>.</summary>
public static class WorkflowStates
{
    /// <summary>Whether a workflow in this state has ended.</summary>
    public static bool IsFinal(this WorkflowState state) => state >= WorkflowState.Succeeded;
}
