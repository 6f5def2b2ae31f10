using System.Text.Json;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Limits;
using TasksBus.Pipeline;
using TasksBus.Tracking;
using TasksBus.Transport;
using TasksBus.Workers;

namespace TasksBus.Execution;

/// <summary>Takes a run from its message to its recorded outcome: claim, attempt, record. Knows nothing of deliveries.</summary>
internal sealed class RunExecutor(
    TaskCatalogue catalogue, RunTracker tracker, IWorkflowSteps steps, Permits permits, GrantedRuns granted, QueueBus bus, AttemptPipeline pipeline, LeaseKeeper leases, WorkerRegistry workers, Recycling recycling, IHostApplicationLifetime lifetime,
    TimeProvider clock, ILogger<RunExecutor> log)
{
    /// <summary>Before a run of an unknown task is sent once more, to whichever worker takes it then.</summary>
    private static readonly TimeSpan BetweenWorkers = TimeSpan.FromSeconds(5);

    private readonly TaskQueueOptions _options = catalogue.Options;

    /// <summary>Runs the run of a message, if it may be run.</summary>
    /// <param name="message">The message.</param>
    /// <param name="queue">The queue that it came from.</param>
    /// <param name="isFirstDelivery">Whether nobody can have touched the run yet.</param>
    /// <param name="cancellationToken">Ends the waiting for a store that does not answer.</param>
    /// <exception cref="RunRefusedException">The message cannot be run; it is to be kept aside.</exception>
    public async Task<RunEnd> Execute(RunMessage message, string queue, bool isFirstDelivery, CancellationToken cancellationToken)
    {
        var task = catalogue.Find(message.TaskName);
        if (task?.Invoker is null)
            return await LeaveToOthers(message, queue, isFirstDelivery, cancellationToken).ConfigureAwait(false);
        if (message is { Step: not null, Arguments: null })
            message = await Patiently(message, () => steps.WithArguments(message, cancellationToken), cancellationToken, giveBack: lifetime.ApplicationStopping).ConfigureAwait(false);
        if (message.Arguments?.Length > _options.MaxPayloadSize)
        {
            throw await Refuse(
                message, queue, FailureKind.BadPayload, PayloadSize.TooLong("The arguments are", message.Arguments.Length, _options.MaxPayloadSize), cancellationToken).ConfigureAwait(false);
        }

        message = await WithLimitKey(message, task, queue, cancellationToken).ConfigureAwait(false);
        var permit = await AskForPermit(message, task.Options, queue, cancellationToken).ConfigureAwait(false);
        if (permit.State == PermitState.Waiting)
        {
            await Wait(new LimitReached(message, queue, task.Options, permit.WaitsFor!), isFirstDelivery, cancellationToken).ConfigureAwait(false);
            return RunEnd.Over;
        }

        try
        {
            return await Execute(message, task, queue, permit, isFirstDelivery, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await GiveBack(permit).ConfigureAwait(false);
        }
    }

    /// <summary>Records that a message cannot be run.</summary>
    /// <returns>To be thrown, so that the message is kept aside.</returns>
    public async Task<RunRefusedException> Refuse(RunMessage message, string queue, FailureKind kind, string reason, CancellationToken cancellationToken)
    {
        var refusal = new RunRefusedException(reason);
        var refused = new RunRefused(message.RunId, kind, TaskError.From(refusal), kind == FailureKind.BadPayload ? null : message.Arguments);
        await Patiently(
            message,
            () => tracker.RaiseOnStoredOr(() => AsSubmitted(message with { Arguments = refused.Arguments }, queue), tracker.Machine.Refused, refused, workers.Judge, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        log.Refused(message.TaskName, message.RunId, kind, reason);
        return refusal;
    }

    private async Task<RunEnd> Execute(RunMessage message, TaskRegistration task, string queue, Permit permit, bool isFirstDelivery, CancellationToken cancellationToken)
    {
        var claim = new ClaimRun(message, queue, _options.WorkerName, task.Options, _options.Lease, _options.AttemptHistory);
        var run = await Raise(tracker.Machine.Claimed, claim, message, queue, isFirstDelivery, cancellationToken).ConfigureAwait(false);
        if (run is null || claim.Answer != ClaimAnswer.Granted)
        {
            log.NotClaimed(message.TaskName, message.RunId, claim.Answer.ToString());
            return run is null ? RunEnd.Over : await Again(run.Saga).ConfigureAwait(false);
        }

        if (permit.State == PermitState.Held)
            await Patiently(message, () => Hold(permit), CancellationToken.None).ConfigureAwait(false);
        var outcome = await Attempt(run, task, message, queue, permit).ConfigureAwait(false);
        return outcome switch
        {
            Outcome.Succeeded => RunEnd.Succeeded,
            Outcome.Released => RunEnd.Returned,
            Outcome.Failed { Kind: FailureKind.BadPayload } failed => throw new RunRefusedException(failed.Error.Message),
            _ => RunEnd.Over,
        };
    }

    /// <summary>Whoever has ended the run may have died before it could go on with what follows.</summary>
    private async Task<RunEnd> Again(TaskSaga run)
    {
        if (run.Step is not null && run.FinishedAt is not null)
            await steps.CarryOn(run).ConfigureAwait(false);
        return run.Is(TaskState.Succeeded) ? RunEnd.Succeeded : RunEnd.Over;
    }

    /// <summary>Lets workers have the run that have a handler for it, if there are any.</summary>
    private async Task<RunEnd> LeaveToOthers(RunMessage message, string queue, bool isFirstDelivery, CancellationToken cancellationToken)
    {
        var missing = new HandlerMissing(message, queue, bus.Transport.IsShared ? _options.UnknownTaskPatience : TimeSpan.Zero, BetweenWorkers);
        await Raise(tracker.Machine.HandlerMissing, missing, message, queue, isFirstDelivery, cancellationToken).ConfigureAwait(false);
        if (!missing.IsAccepted)
            throw await Refuse(message, queue, FailureKind.NoHandler, NoHandler(message.TaskName), cancellationToken).ConfigureAwait(false);
        log.LeftToOthers(message.TaskName, message.RunId, BetweenWorkers);
        return RunEnd.Over;
    }

    /// <summary>What publishers without our client leave to us. Arguments that cannot be read have no key; that they fail, their attempt says.</summary>
    private async ValueTask<RunMessage> WithLimitKey(RunMessage message, TaskRegistration task, string queue, CancellationToken cancellationToken)
    {
        if (message.LimitKey is not null || task.Options.LimitKey is null || message.IsMany)
            return message;
        try
        {
            return message with { LimitKey = LimitKeys.Of(task.Options, task.Invoker!.Read(message.Arguments)) };
        }
        catch (JsonException)
        {
            return message;
        }
        catch (ArgumentException exception)
        {
            throw await Refuse(message, queue, FailureKind.BadPayload, exception.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <remarks>A run that is published before its time will be parked, and needs no permit for that.</remarks>
    private async ValueTask<Permit> AskForPermit(RunMessage message, TaskOptions task, string queue, CancellationToken cancellationToken)
    {
        if (message.NotBefore > clock.GetUtcNow() && !message.HasWaited)
            return Permit.NotNeeded;
        if (await permits.RequestFor(message.RunId, task, queue, message.Priority, message.LimitKey, message.KeyLimit, cancellationToken).ConfigureAwait(false) is { } request)
            return await Patiently(message, () => permits.Acquire(request, cancellationToken), cancellationToken, giveBack: lifetime.ApplicationStopping).ConfigureAwait(false);

        // Its limit was lifted while it waited.
        if (message.IsGranted)
            granted.Leave(message.RunId);
        return Permit.NotNeeded;
    }

    private async ValueTask<Permit> Hold(Permit permit)
    {
        await permits.Hold(permit).ConfigureAwait(false);
        return permit;
    }

    private async Task Wait(LimitReached reached, bool isFirstDelivery, CancellationToken cancellationToken)
    {
        await Raise(tracker.Machine.LimitReached, reached, reached.Message, reached.Queue, isFirstDelivery, cancellationToken).ConfigureAwait(false);
        log.NotClaimed(reached.Message.TaskName, reached.RunId, $"it waits for {reached.WaitsFor}");
        if (!reached.IsAccepted)
            granted.Leave(reached.RunId);
    }

    private async Task GiveBack(Permit permit)
    {
        try
        {
            await permits.Return(permit).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception)
        {
            log.PermitNotReturned(exception, permit.Request!.RunId);
        }
    }

    private ValueTask<SagaDocument<TaskSaga>?> Raise<T>(
        MassTransit.Event<T> @event, T raised, RunMessage message, string queue, bool isFirstDelivery, CancellationToken cancellationToken)
        where T : class, IRunEvent =>
        Patiently(
            message,
            () => isFirstDelivery
                ? tracker.RaiseOn(AsSubmitted(message, queue), @event, raised, orAbsent: true, cancellationToken: cancellationToken)
                : tracker.RaiseOnStoredOr(() => AsSubmitted(message, queue), @event, raised, workers.Judge, cancellationToken),
            cancellationToken,
            giveBack: lifetime.ApplicationStopping);

    private async Task<Outcome> Attempt(SagaDocument<TaskSaga> run, TaskRegistration task, RunMessage message, string queue, Permit permit)
    {
        run.Saga.CarriesOnTo = message.CarriesOnTo;
        var invoker = message.IsMany ? new ManyInvoker(task.Invoker!) : task.Invoker!;
        using var context = new AttemptContext(run, queue, task.Options, invoker, message.Arguments, tracker.Documents.Store, steps, leases, _options, clock, log) { Permit = permit };
        log.Starting(context.TaskName, context.RunId, context.Attempt);
        leases.Keep(context);
        recycling.Enter();
        try
        {
            var outcome = await pipeline.Run(context.Pipeline).ConfigureAwait(false);
            outcome = await HandOver(context, outcome).ConfigureAwait(false);
            await Record(context, outcome, message).ConfigureAwait(false);
            return outcome;
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
            return new Outcome.Continued(await steps.Continue(attempt.Run.Saga, workflow, attempt.CancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Outcome.Of(exception, attempt.Attempt, attempt.Pipeline.Options.Retry, attempt.Pipeline.StopReason, Random.Shared.NextDouble());
        }
    }

    private async Task Record(AttemptContext attempt, Outcome outcome, RunMessage message)
    {
        var progress = await attempt.CloseProgress().ConfigureAwait(false);
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

        async ValueTask<bool> Raise<T>(MassTransit.Event<T> @event, T ended)
            where T : AttemptEnded
        {
            // A store that has lost its memory meanwhile gets the run back with its outcome.
            await Patiently(message, () => tracker.RaiseOn(attempt.Run, @event, ended, orAbsent: true, cancellationToken: CancellationToken.None), CancellationToken.None).ConfigureAwait(false);
            return ended.IsAccepted;
        }
    }

    /// <summary>Asks a store that does not answer again and again: without it, nothing else could be done either.</summary>
    /// <exception cref="RunReleasedException"><paramref name="giveBack"/> says that another worker is to ask.</exception>
    private async ValueTask<T> Patiently<T>(RunMessage message, Func<ValueTask<T>> ask, CancellationToken cancellationToken, CancellationToken giveBack = default)
    {
        for (var wait = TimeSpan.FromMilliseconds(100); ; wait = wait < TimeSpan.FromSeconds(2) ? wait * 2 : wait)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (StoreUnavailableException exception)
            {
                log.WaitingForStore(exception, message.TaskName, message.RunId);
                if (giveBack.IsCancellationRequested)
                    throw new RunReleasedException();
                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The run as its submission must have recorded it, for claiming it in one round trip.</summary>
    private SagaDocument<TaskSaga> AsSubmitted(RunMessage message, string queue) =>
        new(NewRun.From(message, catalogue.OptionsOf(message.TaskName), queue, clock.GetUtcNow()), NewRun.Version);

    private static string NoHandler(string taskName) =>
        $"This worker reads the queue but has no handler for task '{taskName}'. Register one here, or give the task a queue that only its own workers read";
}

/// <summary>What became of a message.</summary>
internal enum RunEnd
{
    /// <summary>Another worker is to have it.</summary>
    Returned,

    /// <summary>It is done with.</summary>
    Over,

    /// <summary>It is done with, and its run has succeeded.</summary>
    Succeeded,
}
