using MassTransit;

namespace TasksBus.Tracking;

/// <content>How attempts end, and runs with them.</content>
public sealed partial class TaskStateMachine
{
    private void RecordResult(BehaviorContext<TaskSaga, AttemptSucceeded> context)
    {
        End(context, error: null);
        context.Saga.Error = null;
        context.Saga.ContinuedAs = context.Message.ContinuedAs;
        if (context.Message.Result is { } result)
            context.Saga.Store(TaskFields.Result, result);
        Finish(context);
    }

    private void RecordFailure(BehaviorContext<TaskSaga, AttemptFailed> context)
    {
        End(context, context.Message.Error);
        context.Saga.FailureKind = context.Message.Kind;
        Finish(context);
    }

    private void RecordRefusal(BehaviorContext<TaskSaga, RunRefused> context)
    {
        if (context.Saga.Lease is not null)
            GiveUpWorker(context.Saga);
        context.Saga.Error = context.Message.Error;
        context.Saga.FailureKind = context.Message.Kind;
        Finish(context);
    }

    private void RecordRetry(BehaviorContext<TaskSaga, AttemptRetries> context)
    {
        var run = context.Saga;
        End(context, context.Message.Error);
        run.NextAttemptAt = run.DueAt = _clock.GetUtcNow() + context.Message.Delay;
        if (run.Arguments is null)
            run.Store(TaskFields.Arguments, context.Message.Arguments);
    }

    private void GiveBack(BehaviorContext<TaskSaga, AttemptReleased> context)
    {
        // A run that is due while it runs was delivered a second time, and that message is gone: the dispatcher must send it again.
        var mustBeSent = context.Saga.DueAt is not null;
        End(context, error: null);
        context.Saga.Attempt--;
        if (mustBeSent)
            context.Saga.DueAt = _clock.GetUtcNow();
    }

    /// <summary>Ends the attempt of a worker that was lost; the next one has its number.</summary>
    private void LoseWorker(BehaviorContext<TaskSaga> context)
    {
        context.Saga.Alert = context.Saga.Worker;
        context.Saga.LostWorkers++;
        GiveUpWorker(context.Saga);
        context.Saga.Attempt--;
    }

    /// <remarks>Somebody wanted the run back while its handler ended by handing over.</remarks>
    private Task RevokeContinuation(BehaviorContext<TaskSaga, AttemptSucceeded> context) =>
        _revokeContinuation(context.Message.ContinuedAs!.Value, context.Saga.RevokeReason);

    private Task RevokeContinuation(BehaviorContext<TaskSaga, RevokeTask> context) =>
        _revokeContinuation(context.Saga.ContinuedAs!.Value, context.Message.Reason);

    private void EndRevoked(BehaviorContext<TaskSaga, AttemptEnded> context)
    {
        End(context, error: null);
        Finish(context);
    }

    private void EndPoisoned(BehaviorContext<TaskSaga> context)
    {
        context.Saga.Alert = context.Saga.Worker;
        context.Saga.LostWorkers++;
        GiveUpWorker(context.Saga);
        context.Saga.FailureKind = FailureKind.WorkerLost;
        Finish(context);
    }

    private void EndLost(BehaviorContext<TaskSaga> context)
    {
        GiveUpWorker(context.Saga);
        Finish(context);
    }

    /// <summary>Ends the attempt of a worker whose lease is over, though no other takes its place: should it wake up, it writes nothing any more.</summary>
    private void GiveUpWorker(TaskSaga run)
    {
        EndAttempt(run, LostWorker(run.Worker));
        run.FencingToken++;
    }

    private void End(BehaviorContext<TaskSaga, AttemptEnded> context, TaskError? error)
    {
        EndAttempt(context.Saga, error);
        if (context.Message.Progress is { } progress)
            context.Saga.Store(TaskFields.Progress, progress);
        context.Message.IsAccepted = true;
    }

    private void EndAttempt(TaskSaga run, TaskError? error)
    {
        run.Error = error ?? run.Error;
        run.Lease = null;
        run.ClaimId = null;
        run.DueAt = null;
        if (run.Attempts.Count > 0)
            run.Attempts[^1] = run.Attempts[^1] with { EndedAt = _clock.GetUtcNow(), Error = error };
    }

    private void Finish(BehaviorContext<TaskSaga> context)
    {
        var run = context.Saga;
        run.FinishedAt = _clock.GetUtcNow();
        run.DueAt = run.NextAttemptAt = null;
        run.LeavesLine = run.WaitsFor is not null;
        run.WaitsFor = null;
        if (!run.KeepArguments)
            run.Store(TaskFields.Arguments, value: null);
    }

    private static TaskError LostWorker(string? worker) =>
        new("WorkerLost", $"Worker '{worker}' has not renewed its lease.");
}
