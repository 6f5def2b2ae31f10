using MassTransit;

using TasksBus.Client;

namespace TasksBus.Tracking;

/// <summary>
/// The life of a run, as one table. Workers and the dispatcher raise their events on it in process; submissions from other applications,
/// <see cref="RevokeTask"/> and <see cref="GetTaskState"/> reach it over the bus. Every event is legal in every state: what comes late or
/// twice changes nothing.
/// </summary>
/// <remarks>Rows of one event are gone through in their order, each condition after what the row before has done: what ends a run for one reason must not let a later row begin it.</remarks>
public sealed partial class TaskStateMachine : MassTransitStateMachine<TaskSaga>
{
    private readonly TimeProvider _clock;

    private readonly Func<Guid, string?, Task> _revokeContinuation;

    private readonly Func<Guid, string?, Task<bool>> _revokeStep;

    /// <param name="newRun">Makes the record of a run that somebody else has published.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="revokeContinuation">Takes the workflow back to which a run has handed over; must bear being called twice. Null: runs never hand over.</param>
    /// <param name="revokeStep">Takes a step of a workflow back of whose run nothing is known yet, and says whether there is one. Null: there are no workflows.</param>
    internal TaskStateMachine(Func<RunMessage, TaskSaga> newRun, TimeProvider clock, Func<Guid, string?, Task>? revokeContinuation = null, Func<Guid, string?, Task<bool>>? revokeStep = null)
    {
        _clock = clock;
        _revokeContinuation = revokeContinuation ?? ((_, _) => Task.CompletedTask);
        _revokeStep = revokeStep ?? ((_, _) => Task.FromResult(false));
        InstanceState(run => run.CurrentState);
        Correlate(newRun);
        WhileWaiting();
        WhileRunning();
        OnceFinal();
        DuringAnyButInitial();
    }

    private void WhileWaiting()
    {
        During(Scheduled,
            When(Claimed, HasExpired).Then(Finish).TransitionTo(Expired),
            When(Claimed, IsTooEarly).Then(KeepUntilDue),
            When(Claimed, IsInTime).Then(Grant).TransitionTo(Running),
            When(Due, IfDue(HasExpired)).Then(Finish).TransitionTo(Expired),
            When(Due, IfDue(HasNotExpired)).Then(Send),
            When(Sent, IsUntouched).Then(WaitForWorker).TransitionTo(Pending));
        During(Pending,
            When(Claimed, HasExpired).Then(Finish).TransitionTo(Expired),
            When(Claimed, HasNotExpired).Then(Grant).TransitionTo(Running),
            When(Due, IfDue(HasExpired)).Then(Finish).TransitionTo(Expired),
            When(Due, IfDue(HasNotExpired)).Then(Send),
            When(Sent, IsUntouched).Then(WaitForWorker),
            When(PurgeWanted).Then(Purge).Then(Finish).TransitionTo(Revoked));
        During([Scheduled, Retrying],
            Ignore(PurgeWanted));
        During(Retrying,
            When(Claimed, IsTooEarly).Then(KeepUntilDue),
            When(Claimed, IsInTime).Then(Grant).TransitionTo(Running),
            When(Due, IfDue(_ => true)).Then(Send),
            When(Sent, IsUntouched).Then(WaitForWorker));
        During([Scheduled, Pending, Retrying],
            When(RevokeWanted).Then(AskToRevoke).Then(Finish).TransitionTo(Revoked),
            When(Refused).Then(RecordRefusal).TransitionTo(Failed),
            When(LimitReached).Then(WaitForPermit),
            When(HandlerMissing, IsWithinPatience).Then(WaitForHandler),
            Ignore(HolderLost), Ignore(ReplayWanted),
            Ignore(Succeeding), Ignore(Failing), Ignore(Retry), Ignore(Releasing), Ignore(Revoking));
    }

    private void WhileRunning() =>
        During(Running,
            When(Claimed, IsLeasedBySame).Then(context => context.Message.Answer = ClaimAnswer.Granted),
            When(Claimed, IsLeasedByOther).Then(LookAgainAfterLease),
            When(Claimed, IsAbandonedAndPoison).Then(EndPoisoned).TransitionTo(Failed),
            When(Claimed, IsAbandonedAndWanted).Then(TakeOver),
            When(Claimed, IsAbandonedAndRevoked).Then(EndLost).TransitionTo(Revoked),
            When(Due, IfDue(IsLeased)).Then(LookAgainAfterLease),
            When(Due, IfDue(IsAbandonedAndPoison)).Then(EndPoisoned).TransitionTo(Failed),
            When(Due, IfDue(IsAbandonedAndWanted)).Then(Send),
            When(Due, IfDue(IsAbandonedAndRevoked)).Then(EndLost).TransitionTo(Revoked),
            When(HolderLost, IsAbandoned).Then(BecomeDue),
            When(Succeeding, IsOursAndHandsOverInVain).ThenAsync(RevokeContinuation),
            When(Succeeding, IsOurs).Then(RecordResult).TransitionTo(Succeeded),
            When(Failing, IsOurs).Then(RecordFailure).TransitionTo(Failed),
            When(Retry, IsOursAndWanted).Then(RecordRetry).TransitionTo(Retrying),
            When(Retry, IsOursAndRevoked).Then(EndRevoked).TransitionTo(Revoked),
            When(Releasing, IsOursAndWanted).Then(GiveBack).TransitionTo(Pending),
            When(Releasing, IsOursAndRevoked).Then(EndRevoked).TransitionTo(Revoked),
            When(Revoking, IsOurs).Then(EndRevoked).TransitionTo(Revoked),
            When(Refused, IsLeased).Then(LookAgainAfterLease),
            When(Refused, IsAbandoned).Then(RecordRefusal).TransitionTo(Failed),
            When(RevokeWanted, IsLeased).Then(AskToRevoke),
            When(RevokeWanted, IsAbandoned).Then(AskToRevoke).Then(EndLost).TransitionTo(Revoked),
            When(Sent, IsUntouched).Then(ForgetDue),
            When(HandlerMissing).Then(LookAgainAfterLease),
            When(LimitReached, IsLeased).Then(LookAgainAfterLease),
            When(LimitReached, IsAbandonedAndPoison).Then(EndPoisoned).TransitionTo(Failed),
            When(LimitReached, IsAbandonedAndRevoked).Then(EndLost).TransitionTo(Revoked),
            When(LimitReached, IsAbandonedAndWanted).Then(LoseWorker).Then(WaitForPermit).TransitionTo(Pending),
            Ignore(ReplayWanted), Ignore(PurgeWanted));

    private void OnceFinal()
    {
        During([Failed, Revoked, Expired],
            When(ReplayWanted, MayStartOver).Then(StartOver).TransitionTo(Scheduled));
        During(Succeeded,
            When(RevokeWanted, HasHandedOver).ThenAsync(RevokeContinuation),
            Ignore(ReplayWanted));
        During([Failed, Revoked, Expired],
            Ignore(RevokeWanted));
        During([Succeeded, Failed, Revoked, Expired],
            When(Due).Then(ForgetDue),
            When(HandlerMissing).Then(context => context.Message.IsAccepted = true),
            Ignore(Claimed), Ignore(LimitReached), Ignore(Refused), Ignore(Sent), Ignore(HolderLost), Ignore(PurgeWanted),
            Ignore(Succeeding), Ignore(Failing), Ignore(Retry), Ignore(Releasing), Ignore(Revoking));
    }

    private void DuringAnyButInitial() =>
        During([Scheduled, Pending, Retrying, Running, Succeeded, Failed, Revoked, Expired],
            Ignore(Submitted),
            When(StateAsked).RespondAsync(run => Task.FromResult(run.Saga.ToSnapshot())));

    /// <summary>Waits for its instant.</summary>
    public State Scheduled { get; private set; } = null!;

    /// <summary>Waits in its queue.</summary>
    public State Pending { get; private set; } = null!;

    /// <summary>An attempt runs.</summary>
    public State Running { get; private set; } = null!;

    /// <summary>Waits for its next attempt.</summary>
    public State Retrying { get; private set; } = null!;

    /// <summary>Final: the handler returned.</summary>
    public State Succeeded { get; private set; } = null!;

    /// <summary>Final: it will not be tried again.</summary>
    public State Failed { get; private set; } = null!;

    /// <summary>Final: it was taken back.</summary>
    public State Revoked { get; private set; } = null!;

    /// <summary>Final: it did not start in time.</summary>
    public State Expired { get; private set; } = null!;

    internal Event<RunMessage> Submitted { get; private set; } = null!;

    internal Event<ClaimRun> Claimed { get; private set; } = null!;

    internal Event<LimitReached> LimitReached { get; private set; } = null!;

    internal Event<HandlerMissing> HandlerMissing { get; private set; } = null!;

    internal Event<AttemptSucceeded> Succeeding { get; private set; } = null!;

    internal Event<AttemptFailed> Failing { get; private set; } = null!;

    internal Event<AttemptRetries> Retry { get; private set; } = null!;

    internal Event<AttemptReleased> Releasing { get; private set; } = null!;

    internal Event<AttemptRevoked> Revoking { get; private set; } = null!;

    internal Event<RunRefused> Refused { get; private set; } = null!;

    internal Event<RunDue> Due { get; private set; } = null!;

    internal Event<RunSent> Sent { get; private set; } = null!;

    internal Event<HolderLost> HolderLost { get; private set; } = null!;

    internal Event<PurgeRun> PurgeWanted { get; private set; } = null!;

    internal Event<ReplayRun> ReplayWanted { get; private set; } = null!;

    internal Event<RevokeTask> RevokeWanted { get; private set; } = null!;

    internal Event<GetTaskState> StateAsked { get; private set; } = null!;

    private void Correlate(Func<RunMessage, TaskSaga> newRun)
    {
        Event(() => Submitted, from =>
        {
            from.CorrelateById(context => context.Message.RunId);
            from.InsertOnInitial = true;
            from.SetSagaFactory(context => newRun(context.Message));
            from.ConfigureConsumeTopology = false;
        });
        Event(() => RevokeWanted, from =>
        {
            from.CorrelateById(context => context.Message.RunId);
            from.OnMissingInstance(missing => missing.ExecuteAsync(RevokeStepOrForget));
        });
        Event(() => StateAsked, from =>
        {
            from.CorrelateById(context => context.Message.RunId);
            from.ReadOnly = true;
            from.OnMissingInstance(missing => missing.ExecuteAsync(context =>
                context.RespondAsync(TaskSnapshot.NotFound(context.Message.RunId))));
        });
        InProcess(() => Claimed);
        InProcess(() => LimitReached);
        InProcess(() => PurgeWanted);
        InProcess(() => HandlerMissing);
        InProcess(() => Succeeding);
        InProcess(() => Failing);
        InProcess(() => Retry);
        InProcess(() => Releasing);
        InProcess(() => Revoking);
        InProcess(() => Refused);
        InProcess(() => Due);
        InProcess(() => Sent);
        InProcess(() => HolderLost);
        InProcess(() => ReplayWanted);
    }

    /// <remarks>A run that was published a moment before may not be recorded yet.</remarks>
    private async Task RevokeStepOrForget(ConsumeContext<RevokeTask> context)
    {
        var (runId, reason) = (context.Message.RunId, context.Message.Reason);
        if (!await _revokeStep(runId, reason).ConfigureAwait(false) && RunNotRecordedException.IsWorthATry(runId, context.SentTime, context.GetRetryAttempt()))
            throw new RunNotRecordedException(runId);
    }

    private void InProcess<T>(System.Linq.Expressions.Expression<Func<Event<T>>> of)
        where T : class, IRunEvent =>
        Event(of, from =>
        {
            from.CorrelateById(context => context.Message.RunId);
            from.ConfigureConsumeTopology = false;
        });
}
