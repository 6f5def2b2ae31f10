using System.Linq.Expressions;

using MassTransit;

namespace TasksBus.Workflows;

/// <summary>The life of a workflow as a whole, as one table. Every event is legal in every state: what comes late or twice changes nothing.</summary>
/// <remarks>What its steps do is not among its events: they are counted where they are kept, and only the end of the last is told here.</remarks>
public sealed partial class WorkflowStateMachine : MassTransitStateMachine<WorkflowSaga>
{
    private readonly TimeProvider _clock;

    internal WorkflowStateMachine(TimeProvider clock)
    {
        _clock = clock;
        InstanceState(workflow => workflow.CurrentState);
        Correlate();

        During(Running,
            When(StepsEnded, HasSucceeded).Then(Accept).Then(Finish).TransitionTo(Succeeded),
            When(StepsEnded, HasFailedForGood).Then(Accept).Then(RecordFailure).Then(Finish).TransitionTo(Failed),
            When(StepsEnded, HasFailedAndTakesBack).Then(Accept).Then(RecordFailure).Then(TakeBack(WorkflowState.Failed)).TransitionTo(Compensating),
            When(RevocationAsked, EndsAtOnce).Then(Accept).Then(RecordReason).Then(Finish).TransitionTo(Revoked),
            When(RevocationAsked, TakesBack).Then(Accept).Then(RecordReason).Then(TakeBack(WorkflowState.Revoked)).TransitionTo(Compensating),
            When(DeadlinePassed, IsOverdueAndEndsAtOnce).Then(Accept).Then(Finish).TransitionTo(Expired),
            When(DeadlinePassed, IsOverdueAndTakesBack).Then(Accept).Then(TakeBack(WorkflowState.Expired)).TransitionTo(Compensating),
            When(CompensationsAdded).Then(Accept).Then(workflow => workflow.Saga.HasCompensations = true),
            When(StepTakenBack).Then(Accept).Then(workflow => workflow.Saga.HasSides = true),
            When(AlarmSet).Then(RememberAlarm),
            When(LookedAt, IsDueToBeReopened).Then(Accept).Then(ReopenIt),
            When(LookedAt, IsDueAndOpen).Then(Accept).Then(LookAgainLater),
            When(ReopeningGoesOn, IsTheirs).Then(Accept).Then(KeepReopening),
            When(Reopened, IsTheirs).Then(Accept).Then(EndReopening),
            Ignore(CompensationEnded), Ignore(RetryAsked));
        During(Compensating,
            When(CompensationEnded, EndsAs(WorkflowState.Failed)).Then(Accept).Then(RecordCompensation).Then(Finish).TransitionTo(Failed),
            When(CompensationEnded, EndsAs(WorkflowState.Revoked)).Then(Accept).Then(RecordCompensation).Then(Finish).TransitionTo(Revoked),
            When(CompensationEnded, EndsAs(WorkflowState.Expired)).Then(Accept).Then(RecordCompensation).Then(Finish).TransitionTo(Expired),
            When(LookedAt, IsDue).Then(Accept).Then(LookAgainLater),
            Ignore(StepsEnded), Ignore(RevocationAsked), Ignore(DeadlinePassed), Ignore(CompensationsAdded), Ignore(StepTakenBack), Ignore(AlarmSet), Ignore(RetryAsked));
        During(Succeeded,
            Ignore(RetryAsked));
        During([Compensating, Succeeded, Failed, Revoked, Expired],
            Ignore(ReopeningGoesOn), Ignore(Reopened));
        During([Failed, Revoked, Expired],
            When(RetryAsked, HasNothingTakenBack).Then(Accept).Then(StartOver).TransitionTo(Running));
        During([Succeeded, Failed, Revoked, Expired],
            When(LookedAt, IsDue).Then(Accept).Then(LookAgainUntilAllHaveEnded),
            Ignore(StepsEnded), Ignore(RevocationAsked), Ignore(DeadlinePassed), Ignore(CompensationsAdded), Ignore(StepTakenBack), Ignore(AlarmSet), Ignore(CompensationEnded));
    }

    /// <summary>Its steps run, or wait.</summary>
    public State Running { get; private set; } = null!;

    /// <summary>It did not succeed; what it has done is taken back.</summary>
    public State Compensating { get; private set; } = null!;

    /// <summary>Final: it has its result.</summary>
    public State Succeeded { get; private set; } = null!;

    /// <summary>Final: a step failed.</summary>
    public State Failed { get; private set; } = null!;

    /// <summary>Final: it was taken back.</summary>
    public State Revoked { get; private set; } = null!;

    /// <summary>Final: its deadline passed.</summary>
    public State Expired { get; private set; } = null!;

    internal Event<StepsEnded> StepsEnded { get; private set; } = null!;

    internal Event<RevocationAsked> RevocationAsked { get; private set; } = null!;

    internal Event<DeadlinePassed> DeadlinePassed { get; private set; } = null!;

    internal Event<CompensationsAdded> CompensationsAdded { get; private set; } = null!;

    internal Event<StepTakenBack> StepTakenBack { get; private set; } = null!;

    internal Event<AlarmSet> AlarmSet { get; private set; } = null!;

    internal Event<LookedAt> LookedAt { get; private set; } = null!;

    internal Event<CompensationEnded> CompensationEnded { get; private set; } = null!;

    internal Event<RetryAsked> RetryAsked { get; private set; } = null!;

    internal Event<ReopeningGoesOn> ReopeningGoesOn { get; private set; } = null!;

    internal Event<Reopened> Reopened { get; private set; } = null!;

    private void Correlate()
    {
        InProcess(() => StepsEnded);
        InProcess(() => RevocationAsked);
        InProcess(() => DeadlinePassed);
        InProcess(() => CompensationsAdded);
        InProcess(() => StepTakenBack);
        InProcess(() => AlarmSet);
        InProcess(() => LookedAt);
        InProcess(() => CompensationEnded);
        InProcess(() => RetryAsked);
        InProcess(() => ReopeningGoesOn);
        InProcess(() => Reopened);
    }

    private void InProcess<T>(Expression<Func<Event<T>>> of)
        where T : WorkflowEvent =>
        Event(of, from =>
        {
            from.CorrelateById(context => context.Message.WorkflowId);
            from.ConfigureConsumeTopology = false;
        });
}
