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
    /// <summary>Whether to look at each open step: nothing has moved since the last look, it is time for one, or none was looked at for long.</summary>
    public bool MustInspect { get; set; }

    /// <summary>Whether no step has ended since the last look.</summary>
    public bool IsStill { get; set; }

    /// <summary>Whether to prepare it for another time: who had to has died.</summary>
    public bool MustReopen { get; set; }
}

/// <summary>What could be taken back was.</summary>
internal sealed record CompensationEnded(Guid WorkflowId, bool HadNothing) : WorkflowEvent(WorkflowId);

/// <summary>Somebody wants what has failed to be done again.</summary>
internal sealed record RetryAsked(Guid WorkflowId) : WorkflowEvent(WorkflowId);

/// <summary>Whoever prepares a workflow for another time is still at it.</summary>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="Until">Until when it is theirs, as far as they know.</param>
internal sealed record ReopeningGoesOn(Guid WorkflowId, DateTimeOffset? Until) : WorkflowEvent(WorkflowId);

/// <summary>Whoever prepares a workflow for another time is done with it.</summary>
/// <param name="WorkflowId">The workflow.</param>
/// <param name="Until">Until when it is theirs, as far as they know.</param>
internal sealed record Reopened(Guid WorkflowId, DateTimeOffset? Until) : WorkflowEvent(WorkflowId);
