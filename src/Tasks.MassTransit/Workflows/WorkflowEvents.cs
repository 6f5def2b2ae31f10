using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>What happens to a workflow as a whole.</summary>
/// <param name="WorkflowId">The workflow.</param>
internal abstract record WorkflowEvent(Guid WorkflowId) : IAnswered
{
    /// <summary>Whether it has changed the state of the workflow.</summary>
    public bool IsAccepted { get; set; }

    public void ClearAnswer() => IsAccepted = false;
}

/// <summary>The last step has ended.</summary>
internal sealed record StepsEnded(Guid WorkflowId, StepFailure? Failure) : WorkflowEvent(WorkflowId);

/// <summary>Somebody wants it back.</summary>
internal sealed record RevocationAsked(Guid WorkflowId, string? Reason) : WorkflowEvent(WorkflowId);

/// <summary>Its deadline has passed.</summary>
internal sealed record DeadlinePassed(Guid WorkflowId) : WorkflowEvent(WorkflowId);

/// <summary>Members that know how they are taken back are to be added to a group of it.</summary>
internal sealed record CompensationsAdded(Guid WorkflowId) : WorkflowEvent(WorkflowId);

/// <summary>A step is to be taken back that waits for others.</summary>
internal sealed record StepTakenBack(Guid WorkflowId) : WorkflowEvent(WorkflowId);

/// <summary>A step waits for an instant.</summary>
internal sealed record AlarmSet(Guid WorkflowId, DateTimeOffset At) : WorkflowEvent(WorkflowId);

/// <summary>Somebody has looked whether something was forgotten.</summary>
internal sealed record LookedAt(Guid WorkflowId, int Ended, bool IsAllEnded) : WorkflowEvent(WorkflowId)
{
    /// <summary>Whether to look at each open step: nothing has moved since the last look, or it is time for one.</summary>
    public bool MustInspect { get; set; }
}

/// <summary>What could be taken back was.</summary>
internal sealed record CompensationEnded(Guid WorkflowId, bool HadNothing) : WorkflowEvent(WorkflowId);

/// <summary>Somebody wants what has failed to be done again.</summary>
internal sealed record RetryAsked(Guid WorkflowId) : WorkflowEvent(WorkflowId);
