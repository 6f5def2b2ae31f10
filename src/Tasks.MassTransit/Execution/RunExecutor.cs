using System.Text.Json;

using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Limits;
using TasksBus.Tracking;
using TasksBus.Transport;
using TasksBus.Workers;

namespace TasksBus.Execution;

/// <summary>Takes a run from its message to its recorded outcome: who may run it, the slot, the permit, the claim, then the attempt. Knows nothing of deliveries.</summary>
internal sealed class RunExecutor(
    TaskCatalogue catalogue, RunTracker tracker, IWorkflowSteps steps, Slots slots, Permits permits, GrantedRuns granted, QueueBus bus, AttemptRunner attempts, WorkerRegistry workers,
    Admission admission, StorePatience patience, TimeProvider clock, ILogger<RunExecutor> log)
{
    /// <summary>Before a run of an unknown task is sent once more, to whichever worker takes it then.</summary>
    private static readonly TimeSpan BetweenWorkers = TimeSpan.FromSeconds(5);

    private readonly TaskQueueOptions _options = catalogue.Options;

    /// <summary>Runs the run of a message, if it may be run.</summary>
    /// <param name="message">The message.</param>
    /// <param name="queue">The queue that it came from.</param>
    /// <param name="isRedelivered">Whether another worker may have had it.</param>
    /// <param name="cancellationToken">Says that the message is lost; ends the waiting for a store that does not answer.</param>
    /// <exception cref="RunRefusedException">The message cannot be run; it is to be kept aside.</exception>
    public async Task<RunEnd> Execute(RunMessage message, string queue, bool isRedelivered, CancellationToken cancellationToken)
    {
        using var slot = slots.TryTake(queue) ?? await WaitForSlot(message, queue, isRedelivered, cancellationToken).ConfigureAwait(false);

        // Then nobody can have touched the run yet.
        var isFirstDelivery = !isRedelivered && message.IsAsSubmitted;
        var task = catalogue.Find(message.TaskName);
        if (task?.Invoker is null)
            return await LeaveToOthers(message, queue, isFirstDelivery, cancellationToken).ConfigureAwait(false);
        if (message is { Step: not null, Arguments: null })
            message = await WithArguments(message, queue, cancellationToken).ConfigureAwait(false);
        if (message.Arguments?.Length > _options.MaxPayloadSize)
        {
            throw await Refuse(
                message, queue, FailureKind.BadPayload, PayloadSize.TooLong(message.Step is { } step ? $"The arguments of step '{step.Name}' are" : "The arguments are", message.Arguments.Length, _options.MaxPayloadSize), cancellationToken).ConfigureAwait(false);
        }

        using var turn = await patience.Ask(message, () => admission.Enter(message, task.Options, isRedelivered, cancellationToken), cancellationToken).ConfigureAwait(false);
        message = await WithLimitKey(message, task, queue, cancellationToken).ConfigureAwait(false);
        var claim = new ClaimRun(message, queue, _options.WorkerName, task.Options, _options.Lease, _options.AttemptHistory) { IsEarly = message.IsEarly(clock.GetUtcNow()) };
        var permit = claim.IsEarly ? Permit.NotNeeded : await AskForPermit(message, task.Options, queue, cancellationToken).ConfigureAwait(false);
        if (permit.State == PermitState.Waiting)
        {
            await Wait(new LimitReached(message, queue, task.Options, permit.WaitsFor!), isFirstDelivery, cancellationToken).ConfigureAwait(false);
            return RunEnd.Over;
        }

        try
        {
            return await Execute(claim, task, permit, turn, isFirstDelivery, cancellationToken).ConfigureAwait(false);
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
        await patience.Ask(
            message,
            () => tracker.RaiseOnStoredOr(() => AsSubmitted(message with { Arguments = refused.Arguments }, queue), tracker.Machine.Refused, refused, workers.Judge, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        log.Refused(message.TaskName, message.RunId, kind, reason);
        return refusal;
    }

    /// <exception cref="RunRefusedException">What other steps have left cannot be put together.</exception>
    private async Task<RunMessage> WithArguments(RunMessage message, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await patience.Ask(message, () => steps.WithArguments(message, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException exception)
        {
            throw await Refuse(message, queue, FailureKind.BadPayload, exception.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <remarks>A run that goes on here without its delivery has its slot, and its message comes again only to be done with.</remarks>
    /// <returns>Null: the message needs none.</returns>
    private async Task<Slot?> WaitForSlot(RunMessage message, string queue, bool isRedelivered, CancellationToken cancellationToken) =>
        isRedelivered && await patience.Ask(message, () => IsUnderLease(message.RunId, cancellationToken), cancellationToken).ConfigureAwait(false)
            ? null
            : await slots.Take(queue, cancellationToken).ConfigureAwait(false);

    private async ValueTask<bool> IsUnderLease(Guid runId, CancellationToken cancellationToken)
    {
        if (await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is not { Saga: var run })
            return false;
        await workers.Judge(run, cancellationToken).ConfigureAwait(false);
        return run.LeaseLeft > TimeSpan.Zero;
    }

    private async Task<RunEnd> Execute(ClaimRun claim, TaskRegistration task, Permit permit, Turn? turn, bool isFirstDelivery, CancellationToken delivery)
    {
        var (message, queue) = (claim.Message, claim.Queue);
        // A claim that is under way when its delivery is lost may be granted: nobody else would run it then before its lease is over.
        var run = await Raise(tracker.Machine.Claimed, claim, message, queue, isFirstDelivery, CancellationToken.None).ConfigureAwait(false);
        if (run is null || claim.Answer != ClaimAnswer.Granted)
        {
            log.NotClaimed(message.TaskName, message.RunId, claim.Answer.ToString());
            return run is null ? RunEnd.Over : await GoOn(run.Saga, message, isFirstDelivery).ConfigureAwait(false);
        }

        permit.HasBegun = true;
        if (permit.State == PermitState.Held)
            await patience.Insist(message, () => Hold(permit)).ConfigureAwait(false);
        return await attempts.Run(run, task, message, queue, permit, turn is null ? null : turn.Begin, delivery).ConfigureAwait(false);
    }

    /// <summary>Whoever has ended the run may have died before it could go on with what follows.</summary>
    /// <remarks>
    /// Then its message comes again. A message that comes for the first time, to a run that has succeeded, was one too many: if each of them went on, they would
    /// become more with every step. What even so was forgotten, a look at the workflow finds.
    /// </remarks>
    private async Task<RunEnd> GoOn(TaskSaga run, RunMessage message, bool isFirstDelivery)
    {
        // A step that has handed over ends later: nothing may go on from its message.
        var hasSucceeded = run.Is(TaskState.Succeeded) && run.ContinuedAs is null;
        if (run.Step is null || run.FinishedAt is null || (hasSucceeded && isFirstDelivery))
            return RunEnd.Over;
        run.CarriesOnTo = message.CarriesOnTo;
        return await steps.CarryOn(run).ConfigureAwait(false) && hasSucceeded ? RunEnd.Succeeded : RunEnd.Over;
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
        object arguments;
        try
        {
            arguments = task.Invoker!.Read(message.Arguments);
        }
        // Of whatever kind: reading calls constructors and converters of the application.
        catch (Exception)
        {
            return message;
        }

        try
        {
            return message with { LimitKey = LimitKeys.Of(task.Options, arguments) };
        }
        catch (ArgumentException exception)
        {
            throw await Refuse(message, queue, FailureKind.BadPayload, exception.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<Permit> AskForPermit(RunMessage message, TaskOptions task, string queue, CancellationToken cancellationToken)
    {
        if (!permits.Known.IsCompleted)
            await patience.Wait(permits.Known, cancellationToken).ConfigureAwait(false);
        if (permits.RequestFor(message.RunId, task, queue, message.Priority, message.LimitKey, message.KeyLimit) is { } request)
            return await patience.Ask(message, () => permits.Acquire(request, cancellationToken), cancellationToken).ConfigureAwait(false);

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
        patience.Ask(
            message,
            () => isFirstDelivery
                ? tracker.RaiseOn(AsSubmitted(message, queue), @event, raised, orAbsent: true, cancellationToken: cancellationToken)
                : tracker.RaiseOnStoredOr(() => AsSubmitted(message, queue), @event, raised, workers.Judge, cancellationToken),
            cancellationToken);

    /// <summary>The run as its submission must have recorded it, for claiming it in one round trip.</summary>
    private SagaDocument<TaskSaga> AsSubmitted(RunMessage message, string queue) =>
        new(NewRun.From(message, catalogue.OptionsOf(message.TaskName), queue, clock.GetUtcNow()), NewRun.Version);

    private static string NoHandler(string taskName) =>
        $"This worker reads the queue but has no handler for task '{taskName}'. Register one here, or give the task a queue that only its own workers read";
}
