using MassTransit;

namespace TasksBus.Workflows;

/// <content>When an event counts, and what it does.</content>
public sealed partial class WorkflowStateMachine
{
    /// <summary>When to see for the first time whether something was forgotten, because the process that had to do it has died.</summary>
    internal static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(5);

    /// <summary>Nobody looks less often.</summary>
    private static readonly TimeSpan LongestBetweenLooks = TimeSpan.FromMinutes(5);

    /// <summary>Each open step is looked at no less often while others end: whoever heard an alarm, or had to start something, may have died.</summary>
    private static readonly TimeSpan LongestWithoutInspection = TimeSpan.FromSeconds(30);

    /// <summary>While what runs is called back, and nobody tells when all of it has ended.</summary>
    private static readonly TimeSpan WhileEnding = TimeSpan.FromMilliseconds(100);

    /// <summary>As long as something that was called back runs on, nobody looks less often: what has succeeded waits to be taken back.</summary>
    private static readonly TimeSpan LongestWhileEnding = TimeSpan.FromSeconds(10);

    /// <summary>For how long nothing is heard of whoever prepares a workflow for another time, until somebody else does.</summary>
    private static readonly TimeSpan LongestReopening = TimeSpan.FromSeconds(30);

    private static bool HasSucceeded(BehaviorContext<WorkflowSaga, StepsEnded> workflow) => workflow.Message.Failure is null;

    private static bool HasFailedForGood(BehaviorContext<WorkflowSaga, StepsEnded> workflow) => workflow.Message.Failure is not null && !workflow.Saga.HasCompensations;

    private static bool HasFailedAndTakesBack(BehaviorContext<WorkflowSaga, StepsEnded> workflow) => workflow.Message.Failure is not null && workflow.Saga.HasCompensations;

    private static bool EndsAtOnce(BehaviorContext<WorkflowSaga> workflow) => !workflow.Saga.HasCompensations;

    private static bool TakesBack(BehaviorContext<WorkflowSaga> workflow) => workflow.Saga.HasCompensations;

    private bool IsOverdueAndEndsAtOnce(BehaviorContext<WorkflowSaga> workflow) => workflow.Saga.Deadline <= _clock.GetUtcNow() && EndsAtOnce(workflow);

    private bool IsOverdueAndTakesBack(BehaviorContext<WorkflowSaga> workflow) => workflow.Saga.Deadline <= _clock.GetUtcNow() && TakesBack(workflow);

    private static StateMachineCondition<WorkflowSaga, CompensationEnded> EndsAs(WorkflowState state) => workflow => workflow.Saga.EndsAs == state;

    /// <remarks>What was taken back cannot be gone on from.</remarks>
    private static bool HasNothingTakenBack(BehaviorContext<WorkflowSaga> workflow) => workflow.Saga.EndsAs == default;

    private static void Accept<T>(BehaviorContext<WorkflowSaga, T> context)
        where T : WorkflowEvent =>
        context.Message.IsAccepted = true;

    private static void RecordFailure(BehaviorContext<WorkflowSaga, StepsEnded> context) => context.Saga.Failure = context.Message.Failure;

    private static void RecordReason(BehaviorContext<WorkflowSaga, RevocationAsked> context) => context.Saga.RevokeReason = context.Message.Reason;

    /// <remarks>Where there was nothing to take back, nothing was, and it can be retried.</remarks>
    private static void RecordCompensation(BehaviorContext<WorkflowSaga, CompensationEnded> context)
    {
        if (context.Message.HadNothing)
            context.Saga.EndsAs = default;
    }

    /// <remarks>One that did not succeed may have steps that still run; one that is a part of another has somebody to tell.</remarks>
    private void Finish(BehaviorContext<WorkflowSaga> context)
    {
        var (workflow, now) = (context.Saga, _clock.GetUtcNow());
        workflow.FinishedAt = now;
        workflow.AlarmAt = workflow.ReopeningUntil = null;
        workflow.LookAfter = WhileEnding;
        var isAllDone = context is BehaviorContext<WorkflowSaga, StepsEnded> { Message.Failure: null } && workflow.StandsAlone;
        workflow.LookAt = isAllDone ? null : now + WhileEnding;
    }

    private Action<BehaviorContext<WorkflowSaga>> TakeBack(WorkflowState endsAs) => context =>
    {
        context.Saga.EndsAs = endsAs;
        context.Saga.ReopeningUntil = null;
        context.Saga.LookAfter = WhileEnding;
        context.Saga.LookAt = _clock.GetUtcNow() + WhileEnding;
    };

    /// <remarks>Of several, the earliest: when it comes, all that are open are looked at, and those that still wait say so again.</remarks>
    private static void RememberAlarm(BehaviorContext<WorkflowSaga, AlarmSet> context)
    {
        if (!(context.Saga.AlarmAt <= context.Message.At))
            context.Saga.AlarmAt = context.Message.At;
    }

    /// <summary>Several look at a workflow that is due; once one has, it is not due for the others.</summary>
    private bool IsDue(BehaviorContext<WorkflowSaga, LookedAt> workflow) => WorkflowMapping.DueAt(workflow.Saga) <= _clock.GetUtcNow();

    private bool IsDueToBeReopened(BehaviorContext<WorkflowSaga, LookedAt> workflow) => workflow.Saga.ReopeningUntil is not null && IsDue(workflow);

    private bool IsDueAndOpen(BehaviorContext<WorkflowSaga, LookedAt> workflow) => workflow.Saga.ReopeningUntil is null && IsDue(workflow);

    /// <remarks>Soon again as long as steps end; once nothing moves any more, because something runs for long, less and less often.</remarks>
    private void LookAgainLater(BehaviorContext<WorkflowSaga, LookedAt> context)
    {
        var (workflow, now) = (context.Saga, _clock.GetUtcNow());
        var hasMoved = workflow.EndedAtLook != context.Message.Ended;
        var hasAlarm = workflow.AlarmAt <= now;
        var isOverdue = now - (workflow.InspectedAt ?? workflow.SubmittedAt) >= LongestWithoutInspection;
        context.Message.IsStill = !hasMoved;
        context.Message.MustInspect = !hasMoved || hasAlarm || isOverdue || workflow.Is(WorkflowState.Compensating);
        if (context.Message.MustInspect)
            workflow.InspectedAt = now;
        workflow.EndedAtLook = context.Message.Ended;
        if (hasAlarm)
            workflow.AlarmAt = null;

        var (soon, longest) = workflow.Is(WorkflowState.Compensating) ? (WhileEnding, LongestWhileEnding) : (FirstLook, LongestBetweenLooks);
        workflow.LookAfter = hasMoved || hasAlarm ? soon : Shorter(workflow.LookAfter * 2, longest);
        workflow.LookAt = now + workflow.LookAfter;
    }

    private void LookAgainUntilAllHaveEnded(BehaviorContext<WorkflowSaga, LookedAt> context)
    {
        var workflow = context.Saga;
        context.Message.MustInspect = context.Message.IsStill = true;
        workflow.LookAfter = Shorter(workflow.LookAfter * 2, LongestBetweenLooks);
        workflow.LookAt = context.Message.IsAllEnded ? null : _clock.GetUtcNow() + workflow.LookAfter;
    }

    private void StartOver(BehaviorContext<WorkflowSaga> context)
    {
        var workflow = context.Saga;
        workflow.FinishedAt = workflow.Deadline = null;
        workflow.Failure = null;
        workflow.RevokeReason = null;
        KeepReopening(context);
    }

    private static bool IsTheirs(BehaviorContext<WorkflowSaga, ReopeningGoesOn> workflow) => workflow.Saga.ReopeningUntil == workflow.Message.Until;

    private static bool IsTheirs(BehaviorContext<WorkflowSaga, Reopened> workflow) => workflow.Saga.ReopeningUntil == workflow.Message.Until;

    private void ReopenIt(BehaviorContext<WorkflowSaga, LookedAt> context)
    {
        context.Message.MustReopen = true;
        KeepReopening(context);
    }

    private void KeepReopening(BehaviorContext<WorkflowSaga> context) => context.Saga.LookAt = context.Saga.ReopeningUntil = _clock.GetUtcNow() + LongestReopening;

    private void EndReopening(BehaviorContext<WorkflowSaga> context)
    {
        var workflow = context.Saga;
        workflow.ReopeningUntil = null;
        workflow.LookAfter = FirstLook;
        workflow.LookAt = _clock.GetUtcNow() + FirstLook;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
