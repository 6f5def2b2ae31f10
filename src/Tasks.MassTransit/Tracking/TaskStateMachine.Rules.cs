using MassTransit;

namespace TasksBus.Tracking;

/// <content>When an event counts.</content>
public sealed partial class TaskStateMachine
{
    private bool IsTooEarly(BehaviorContext<TaskSaga> run) => StartsAt(run.Saga) > _clock.GetUtcNow();

    private bool IsInTime(BehaviorContext<TaskSaga> run) => !IsTooEarly(run);

    private bool HasExpired(BehaviorContext<TaskSaga> run) => run.Saga.Attempt == 0 && run.Saga.ExpiresAt <= _clock.GetUtcNow();

    private bool HasNotExpired(BehaviorContext<TaskSaga> run) => !HasExpired(run);

    private bool IsDue(BehaviorContext<TaskSaga> run) => run.Saga.DueAt <= _clock.GetUtcNow();

    private bool IsDueInTime(BehaviorContext<TaskSaga> run) => IsDue(run) && HasNotExpired(run);

    private bool IsDueTooLate(BehaviorContext<TaskSaga> run) => IsDue(run) && HasExpired(run);

    private bool IsDueAndLeased(BehaviorContext<TaskSaga> run) => IsDue(run) && IsLeased(run);

    private bool IsDueAndAbandoned(BehaviorContext<TaskSaga> run) => IsDue(run) && IsAbandoned(run);

    private static bool IsLeased(BehaviorContext<TaskSaga> run) => run.Saga.LeaseLeft > TimeSpan.Zero;

    private static bool IsAbandoned(BehaviorContext<TaskSaga> run) => !IsLeased(run);

    private static bool IsUntouched(BehaviorContext<TaskSaga, RunSent> run) => run.Saga.DueAt == run.Message.DueAt;

    private static bool IsOurs(BehaviorContext<TaskSaga, AttemptEnded> run) => run.Message.FencingToken == run.Saga.FencingToken;

    private static bool IsOursAndWanted(BehaviorContext<TaskSaga, AttemptEnded> run) => IsOurs(run) && !run.Saga.RevokeRequested;

    private static bool IsOursAndRevoked(BehaviorContext<TaskSaga, AttemptEnded> run) => IsOurs(run) && run.Saga.RevokeRequested;

    private static DateTimeOffset? StartsAt(TaskSaga run) => run.NextAttemptAt ?? run.NotBefore;
}
