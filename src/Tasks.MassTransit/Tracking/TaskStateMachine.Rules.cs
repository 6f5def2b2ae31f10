using MassTransit;

namespace TasksBus.Tracking;

/// <content>When an event counts.</content>
public sealed partial class TaskStateMachine
{
    /// <summary>By how much the clocks of two machines may differ: so much too early is not too early for a run that a dispatcher has found to be due.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private bool IsTooEarly(BehaviorContext<TaskSaga, ClaimRun> run) =>
        HasNotExpired(run) && (run.Message.IsEarly || StartsAt(run.Saga) - _clock.GetUtcNow() > (run.Message.Message.IsDue ? ClockSkew : TimeSpan.Zero));

    private bool IsInTime(BehaviorContext<TaskSaga, ClaimRun> run) => HasNotExpired(run) && !IsTooEarly(run);

    /// <remarks>A run that has started in time does not expire, also when its worker has given it back.</remarks>
    private bool HasExpired(BehaviorContext<TaskSaga> run) => !HasEverStarted(run.Saga) && run.Saga.ExpiresAt <= _clock.GetUtcNow();

    private bool HasNotExpired(BehaviorContext<TaskSaga> run) => !HasExpired(run);

    /// <remarks>Since the dispatcher was given the run, somebody else may have dealt with it.</remarks>
    private StateMachineCondition<TaskSaga, RunDue> IfDue(Predicate<BehaviorContext<TaskSaga>> rule) =>
        run => run.Saga.DueAt <= _clock.GetUtcNow() + run.Message.Ahead && rule(run);

    private static bool HasEverStarted(TaskSaga run) => run.StartedAt is not null;

    private static bool IsLeased(BehaviorContext<TaskSaga> run) => run.Saga.LeaseLeft > TimeSpan.Zero;

    private static bool IsLeasedBySame(BehaviorContext<TaskSaga, ClaimRun> run) => IsLeased(run) && run.Saga.ClaimId == run.Message.ClaimId;

    private static bool IsLeasedByOther(BehaviorContext<TaskSaga, ClaimRun> run) => IsLeased(run) && run.Saga.ClaimId != run.Message.ClaimId;

    private static bool IsAbandoned(BehaviorContext<TaskSaga> run) => !IsLeased(run);

    private static bool IsAbandonedAndWanted(BehaviorContext<TaskSaga> run) => !IsLeased(run) && !run.Saga.RevokeRequested && !IsPoison(run.Saga);

    private static bool IsAbandonedAndPoison(BehaviorContext<TaskSaga> run) => !IsLeased(run) && !run.Saga.RevokeRequested && IsPoison(run.Saga);

    private static bool IsAbandonedAndRevoked(BehaviorContext<TaskSaga> run) => !IsLeased(run) && run.Saga.RevokeRequested;

    /// <summary>Whether the worker that was lost now is one too many.</summary>
    private static bool IsPoison(TaskSaga run) => run.LostWorkers + 1 >= run.MaxLostWorkers;

    private bool IsWithinPatience(BehaviorContext<TaskSaga, HandlerMissing> run) =>
        _clock.GetUtcNow() - (run.Saga.UnknownSince ?? _clock.GetUtcNow()) < run.Message.Patience;

    /// <remarks>A step of a workflow has told it of its end: it starts over with what followed from that, or not at all.</remarks>
    private static bool MayStartOver(BehaviorContext<TaskSaga, ReplayRun> run) => run.Saga.Step is null && (run.Message.Arguments ?? run.Saga.Arguments) is not null;

    private static bool IsOurs(BehaviorContext<TaskSaga, AttemptEnded> run) => run.Message.FencingToken == run.Saga.FencingToken;

    private static bool IsOursAndWanted(BehaviorContext<TaskSaga, AttemptEnded> run) => IsOurs(run) && !run.Saga.RevokeRequested;

    private static bool IsOursAndRevoked(BehaviorContext<TaskSaga, AttemptEnded> run) => IsOurs(run) && run.Saga.RevokeRequested;

    private static bool IsOursAndHandsOverInVain(BehaviorContext<TaskSaga, AttemptSucceeded> run) => IsOursAndRevoked(run) && run.Message.ContinuedAs is not null;

    private static bool HasHandedOver(BehaviorContext<TaskSaga> run) => run.Saga.ContinuedAs is not null;

    /// <remarks>A worker may be quicker than the broker's confirmation, and may have left the run due for something else, which must stay.</remarks>
    private static bool IsUntouched(BehaviorContext<TaskSaga, RunSent> run) =>
        run.Message.FencingToken == run.Saga.FencingToken && run.Message.DueAt == run.Saga.DueAt;

    private static DateTimeOffset? StartsAt(TaskSaga run) => run.NextAttemptAt ?? run.NotBefore;
}
