using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Limits;
using TasksBus.Pipeline;
using TasksBus.Tracking;
using TasksBus.Workers;

namespace TasksBus.Execution;

/// <summary>An attempt from its claim to its recorded outcome, under a lease that is renewed meanwhile.</summary>
internal sealed class AttemptRunner(
    TaskCatalogue catalogue, RunTracker tracker, IWorkflowSteps steps, AttemptPipeline pipeline, LeaseKeeper leases, Recycling recycling, StorePatience patience,
    TimeProvider clock, ILogger<RunExecutor> log)
{
    /// <summary>Runs an attempt of a run that is claimed, and records what came of it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="task">Its task.</param>
    /// <param name="message">The message that it came with.</param>
    /// <param name="queue">The queue that it came from.</param>
    /// <param name="permit">The permit under which it runs.</param>
    /// <param name="onBegin">To be called when its handler is.</param>
    /// <param name="delivery">Says that the message is lost to this worker: it goes on to nowhere by itself.</param>
    /// <exception cref="RunRefusedException">The handler cannot read it; it is to be kept aside.</exception>
    public async Task<RunEnd> Run(SagaDocument<TaskSaga> run, TaskRegistration task, RunMessage message, string queue, Permit permit, Action? onBegin, CancellationToken delivery)
    {
        var invoker = message.IsMany ? new ManyInvoker(task.Invoker!) : task.Invoker!;
        using var context = new AttemptContext(run, queue, task.Options, invoker, message.Arguments, tracker.Documents.Store, steps, leases, catalogue.Options, clock, log) { Permit = permit };
        context.Pipeline.StartsAt = message.WaitsUntil(clock.GetUtcNow());
        context.Pipeline.OnBegin = onBegin;
        log.Starting(context.TaskName, context.RunId, context.Attempt);
        leases.Keep(context);
        recycling.Enter();
        try
        {
            var outcome = await pipeline.Run(context.Pipeline).ConfigureAwait(false);
            outcome = await HandOver(context, outcome).ConfigureAwait(false);
            var goesOn = await Record(context, outcome, message, delivery).ConfigureAwait(false);
            return outcome switch
            {
                Outcome.Succeeded when goesOn => RunEnd.Succeeded,
                Outcome.Released => RunEnd.Returned,
                Outcome.Failed { Kind: FailureKind.BadPayload } failed => throw new RunRefusedException(failed.Error.Message),
                _ => RunEnd.Over,
            };
        }
        finally
        {
            leases.Forget(context);
            if (context.Pipeline.Handler is { IsCompleted: false } handler)
                recycling.LeaveBehind(handler, context.TaskName, context.RunId);
            recycling.Leave();
        }
    }

    /// <summary>Submits what takes the place of the run, if its handler has said so.</summary>
    private async Task<Outcome> HandOver(AttemptContext attempt, Outcome outcome)
    {
        if (outcome is not Outcome.Succeeded || attempt.Continuation is not { } workflow)
            return outcome;
        try
        {
            // An attempt that has to end hands nothing over. But once it does, the record must say so: nobody else could take back what was submitted.
            attempt.CancellationToken.ThrowIfCancellationRequested();
            return new Outcome.Continued(await steps.Continue(attempt.Run.Saga, workflow, CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Outcome.Of(exception, attempt.Attempt, attempt.Pipeline.Options.Retry, attempt.Pipeline.StopReason, Random.Shared.NextDouble());
        }
    }

    /// <returns>Whether it counts, and what follows it can come.</returns>
    private async Task<bool> Record(AttemptContext attempt, Outcome outcome, RunMessage message, CancellationToken delivery)
    {
        var progress = await attempt.CloseProgress().ConfigureAwait(false);
        var isLeftBehind = false;
        attempt.Run.Saga.CarriesOnTo = delivery.IsCancellationRequested ? null : message.CarriesOnTo;
        var (id, token, machine) = (attempt.RunId, attempt.FencingToken, tracker.Machine);
        var isAccepted = outcome switch
        {
            Outcome.Succeeded succeeded => await Raise(machine.Succeeding, new AttemptSucceeded(id, token, attempt.Pipeline.Options.KeepResult ? succeeded.Result : null) { Progress = progress }).ConfigureAwait(false),
            Outcome.Continued continued => await Raise(machine.Succeeding, new AttemptSucceeded(id, token, Result: null) { ContinuedAs = continued.WorkflowId, Progress = progress }).ConfigureAwait(false),
            Outcome.Retry retry => await Raise(machine.Retry, new AttemptRetries(id, token, retry.Error, retry.Delay, message.Arguments) { Progress = progress }).ConfigureAwait(false),
            Outcome.Failed failed => await Raise(machine.Failing, new AttemptFailed(id, token, failed.Kind, failed.Error) { Progress = progress }).ConfigureAwait(false),
            Outcome.Revoked => await Raise(machine.Revoking, new AttemptRevoked(id, token) { Progress = progress }).ConfigureAwait(false),
            Outcome.Released => await Raise(machine.Releasing, new AttemptReleased(id, token) { Progress = progress }).ConfigureAwait(false),
            _ => false,
        };
        log.Ended(attempt, isAccepted ? outcome : new Outcome.Stale());
        return isAccepted && !isLeftBehind;

        async ValueTask<bool> Raise<T>(MassTransit.Event<T> @event, T ended)
            where T : AttemptEnded
        {
            // A store that has lost its memory meanwhile gets the run back with its outcome.
            var recorded = await patience.Insist(message, () => tracker.RaiseOn(attempt.Run, @event, ended, orAbsent: true, cancellationToken: CancellationToken.None)).ConfigureAwait(false);
            isLeftBehind = recorded?.Saga.IsLeftBehind == true;
            return ended.IsAccepted;
        }
    }
}
