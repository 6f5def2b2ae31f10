using MassTransit;

using TasksBus.Client;

namespace TasksBus.Tracking;

/// <content>What an event does to a run that waits, or is to run.</content>
public sealed partial class TaskStateMachine
{
    /// <summary>When to see again whether the worker of a run lives, once a second message of the run has come in: its connection has broken, or it has died.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a run waits for a limit, at least, before it asks whether it was forgotten.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10);

    private void Grant(BehaviorContext<TaskSaga, ClaimRun> context)
    {
        context.Saga.Attempt++;
        Start(context.Saga, context.Message);
    }

    private void TakeOver(BehaviorContext<TaskSaga, ClaimRun> context)
    {
        context.Saga.Alert = context.Saga.Worker;
        context.Saga.LostWorkers++;
        EndAttempt(context.Saga, LostWorker(context.Saga.Worker));
        Start(context.Saga, context.Message);
    }

    private void Start(TaskSaga run, ClaimRun claim)
    {
        var startsAt = StartsWhen(run);
        // Who recorded the run may have known neither its queue nor the name that its worker gives the task.
        run.Queue = claim.Queue;
        run.TaskName = claim.Options.Name;
        run.FencingToken++;
        run.Worker = claim.Worker;
        run.ClaimId = claim.ClaimId;
        run.Lease = claim.Lease;
        run.LeaseLeft = null;
        run.StartedAt = startsAt;
        run.DueAt = run.NextAttemptAt = null;
        run.WaitsFor = null;
        run.UnknownSince = null;
        run.LimitKey = claim.Message.LimitKey;
        run.MaxAttempts = claim.Options.Retry.MaxAttempts;
        run.MaxLostWorkers = claim.Options.MaxLostWorkers;
        run.ResultLifetime = claim.Options.ResultLifetime;
        run.FailureLifetime = claim.Options.FailureLifetime;
        run.KeepArguments = claim.Options.KeepArguments;
        run.Attempts.Add(new TaskAttempt(run.Attempt, claim.Worker, startsAt));
        while (run.Attempts.Count > claim.AttemptHistory)
            run.Attempts.RemoveAt(0);
        if (run.Progress is not null)
            run.Store(TaskFields.Progress, value: null);
        claim.Answer = ClaimAnswer.Granted;
    }

    /// <remarks>A run that is claimed a moment before its instant starts when that has come.</remarks>
    private DateTimeOffset StartsWhen(TaskSaga run)
    {
        var now = _clock.GetUtcNow();
        return StartsAt(run) is { } instant && instant > now && instant <= now + RunMessage.SentAhead ? instant : now;
    }

    /// <remarks>
    /// If the store has sent the run too early, the sender's clock is ahead of ours by as much: it is to come later by its clock, or it would send the run again
    /// and again. And what it says of having sent it must not count any more.
    /// </remarks>
    private void KeepUntilDue(BehaviorContext<TaskSaga, ClaimRun> context)
    {
        var run = context.Saga;
        run.DueAt = context.Message.Message.HasWaited ? (run.DueAt ?? StartsAt(run)) + (StartsAt(run) - _clock.GetUtcNow()) : StartsAt(run);
        if (run.Arguments is null)
            run.Store(TaskFields.Arguments, context.Message.Message.Arguments);
        context.Message.Answer = ClaimAnswer.Parked;
    }

    private void WaitForPermit(BehaviorContext<TaskSaga, LimitReached> context)
    {
        var (run, reached) = (context.Saga, context.Message);
        run.Queue = reached.Queue;
        run.TaskName = reached.Options.Name;
        run.LimitKey = reached.Message.LimitKey;
        run.WaitsFor = reached.WaitsFor;
        run.DueAt = AskAgainAt(run);
        if (run.Arguments is null)
            run.Store(TaskFields.Arguments, reached.Message.Arguments);
        reached.IsAccepted = true;
    }

    /// <remarks>Should the limiter have lost the run, it is sent once more, and asks again. Spread by the id, so that those who came together do not come back together.</remarks>
    private DateTimeOffset AskAgainAt(TaskSaga run)
    {
        var now = _clock.GetUtcNow();
        if (StartsAt(run) > now + RunMessage.SentAhead)
            return StartsAt(run)!.Value;
        var again = now + ForgottenAfter + (ForgottenAfter * ((uint)run.CorrelationId.GetHashCode() / (double)uint.MaxValue));
        return !HasEverStarted(run) && run.ExpiresAt < again ? run.ExpiresAt.Value : again;
    }

    private void LookAgainAfterLease(BehaviorContext<TaskSaga, LimitReached> context)
    {
        LookAgainAfterLease((BehaviorContext<TaskSaga>)context);
        if (context.Saga.Arguments is null)
            context.Saga.Store(TaskFields.Arguments, context.Message.Message.Arguments);
    }

    private void WaitForHandler(BehaviorContext<TaskSaga, HandlerMissing> context)
    {
        var (run, missing, now) = (context.Saga, context.Message, _clock.GetUtcNow());
        run.Queue = missing.Queue;
        run.UnknownSince ??= now;
        run.DueAt = StartsAt(run) > now + missing.Pause ? StartsAt(run) : now + missing.Pause;
        if (run.Arguments is null)
            run.Store(TaskFields.Arguments, missing.Message.Arguments);
        missing.IsAccepted = true;
    }

    private void LookAgainAfterLease(BehaviorContext<TaskSaga, HandlerMissing> context)
    {
        LookAgainAfterLease((BehaviorContext<TaskSaga>)context);
        if (context.Saga.Arguments is null)
            context.Saga.Store(TaskFields.Arguments, context.Message.Message.Arguments);
        context.Message.IsAccepted = true;
    }

    /// <remarks>The message of a leased run is not needed as long as its worker lives; should it die, the dispatcher sends the run again.</remarks>
    private void LookAgainAfterLease(BehaviorContext<TaskSaga, ClaimRun> context)
    {
        LookAgainAfterLease((BehaviorContext<TaskSaga>)context);
        if (context.Saga.Arguments is null)
            context.Saga.Store(TaskFields.Arguments, context.Message.Message.Arguments);
        context.Message.Answer = ClaimAnswer.Parked;
    }

    private void LookAgainAfterLease(BehaviorContext<TaskSaga, RunRefused> context)
    {
        LookAgainAfterLease((BehaviorContext<TaskSaga>)context);
        if (context.Saga.Arguments is null && context.Message.Arguments is { } arguments)
            context.Saga.Store(TaskFields.Arguments, arguments);
    }

    private void LookAgainAfterLease(BehaviorContext<TaskSaga> context) =>
        context.Saga.DueAt = _clock.GetUtcNow() + (context.Saga.LeaseLeft < LookAgain ? context.Saga.LeaseLeft.Value : LookAgain) + TimeSpan.FromMilliseconds(1);

    /// <remarks>Changes nothing: until the broker has confirmed, the run stays due. If the sender dies in between, another one is given it.</remarks>
    private static void Send(BehaviorContext<TaskSaga, RunDue> context) => context.Message.MustSend = true;

    private static void WaitForWorker(BehaviorContext<TaskSaga, RunSent> context) =>
        context.Saga.DueAt = HasEverStarted(context.Saga) ? null : context.Saga.ExpiresAt;

    private static void ForgetDue(BehaviorContext<TaskSaga> context) => context.Saga.DueAt = null;

    private static void StartOver(BehaviorContext<TaskSaga, ReplayRun> context)
    {
        var run = context.Saga;
        run.NotBefore = run.DueAt = context.Message.StartAt;
        // Nothing that was under way before, such as the word of a dispatcher that it has sent the run, counts any more.
        run.FencingToken++;
        run.ExpiresAt = run.FinishedAt = run.NextAttemptAt = null;
        run.Attempt = run.LostWorkers = 0;
        run.UnknownSince = null;
        run.Error = null;
        run.FailureKind = null;
        run.RevokeRequested = false;
        run.RevokeReason = null;
        run.ContinuedAs = null;
        if (context.Message.Arguments is { } arguments)
        {
            // Other arguments may be those of another key.
            run.LimitKey = null;
            run.Store(TaskFields.Arguments, arguments);
        }

        context.Message.IsAccepted = true;
    }

    private static void AskToRevoke(BehaviorContext<TaskSaga, RevokeTask> context)
    {
        context.Saga.RevokeRequested = true;
        context.Saga.RevokeReason ??= context.Message.Reason;
        context.Saga.Alert = context.Saga.Lease is null ? null : context.Saga.Worker;
    }

    private static void Purge(BehaviorContext<TaskSaga, PurgeRun> context)
    {
        context.Saga.RevokeRequested = true;
        context.Saga.RevokeReason = context.Message.Reason;
        context.Message.IsAccepted = true;
    }

    private void BecomeDue(BehaviorContext<TaskSaga> context) => context.Saga.DueAt ??= _clock.GetUtcNow();
}
