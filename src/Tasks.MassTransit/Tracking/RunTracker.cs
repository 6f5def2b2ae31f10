using MassTransit;
using MassTransit.Context;
using MassTransit.Mediator.Contexts;
using MassTransit.Observables;
using MassTransit.Serialization;

using TasksBus.Client;

namespace TasksBus.Tracking;

/// <summary>Raises events on the state machine in process, and saves what they change: the same machine and documents as behind the bus. Safe to share between threads.</summary>
internal sealed class RunTracker(TaskStateMachine machine, SagaDocuments<TaskSaga> documents)
{
    /// <summary>MassTransit wants a message context around every event; in process there is no message, so all events share this empty one.</summary>
    private static readonly ConsumeContext NoMessage = CreateEmptyContext();

    /// <summary>The documents behind the tracker.</summary>
    public SagaDocuments<TaskSaga> Documents { get; } = documents;

    /// <summary>The machine behind the tracker.</summary>
    public TaskStateMachine Machine { get; } = machine;

    /// <summary>Raises an event on what is stored: two round trips, one if nothing changes.</summary>
    /// <returns>The run after the event; null if nothing is known of it.</returns>
    public async ValueTask<SagaDocument<TaskSaga>?> Raise<T>(Event<T> @event, T message, CancellationToken cancellationToken = default)
        where T : class, IRunEvent =>
        await Raise(@event, message, message.RunId, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="Raise{T}(Event{T}, T, CancellationToken)"/>
    public async ValueTask<SagaDocument<TaskSaga>?> Raise<T>(Event<T> @event, T message, Guid runId, CancellationToken cancellationToken = default)
        where T : class =>
        await Documents.Load(runId, cancellationToken).ConfigureAwait(false) is { } document
            ? await RaiseOn(document, @event, message, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Raises an event on what is stored, or on a run as its submission would have recorded it, if nothing is.</summary>
    /// <param name="create">Makes that.</param>
    /// <param name="event">The event.</param>
    /// <param name="message">What it carries.</param>
    /// <param name="judge">As for <see cref="RaiseOn"/>.</param>
    /// <param name="cancellationToken">Ends the call; the event may then be recorded or not.</param>
    public async ValueTask<SagaDocument<TaskSaga>?> RaiseOnStoredOr<T>(
        Func<SagaDocument<TaskSaga>> create, Event<T> @event, T message, Func<TaskSaga, CancellationToken, ValueTask>? judge = null, CancellationToken cancellationToken = default)
        where T : class, IRunEvent
    {
        var stored = await Documents.Load(message.RunId, cancellationToken).ConfigureAwait(false);
        return await RaiseOn(stored ?? create(), @event, message, orAbsent: stored is null, judge, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Raises an event on what we take to be stored: one round trip if we are right, else two.</summary>
    /// <param name="document">The run as we know it from before, or as its submission must have recorded it.</param>
    /// <param name="event">The event.</param>
    /// <param name="message">What it carries.</param>
    /// <param name="orAbsent">Whether the run may be unknown to the store, which then records it.</param>
    /// <param name="judge">Looks at the run each time before the event is raised on it; null if nobody needs to.</param>
    /// <param name="cancellationToken">Ends the call; the event may then be recorded or not.</param>
    /// <returns>The run after the event; null if nothing is known of it.</returns>
    public async ValueTask<SagaDocument<TaskSaga>?> RaiseOn<T>(
        SagaDocument<TaskSaga> document, Event<T> @event, T message, bool orAbsent, Func<TaskSaga, CancellationToken, ValueTask>? judge = null, CancellationToken cancellationToken = default)
        where T : class
    {
        while (true)
        {
            (message as IRunEvent)?.ClearAnswer();
            if (judge is not null)
                await judge(document.Saga, cancellationToken).ConfigureAwait(false);
            await Apply(document.Saga, @event, message).ConfigureAwait(false);
            var conflict = await Documents.Save(document, orAbsent, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return document;
            if (conflict.Current is null)
                return null;
            document = conflict.Current;
        }
    }

    /// <summary>Records a submitted run, unless something is recorded of it already. One round trip.</summary>
    /// <returns>What is recorded of it already; null if nothing was.</returns>
    public async ValueTask<TaskSaga?> Submit(TaskSaga run, CancellationToken cancellationToken = default) =>
        (await Documents.Save(new SagaDocument<TaskSaga>(run, version: 0), cancellationToken: cancellationToken).ConfigureAwait(false))?.Current?.Saga;

    private Task Apply<T>(TaskSaga run, Event<T> @event, T message)
        where T : class
    {
        var context = new MessageConsumeContext<T>(NoMessage, message);
        var saga = new DefaultSagaConsumeContext<TaskSaga, T>(context, run);
        return ((StateMachine<TaskSaga>)Machine).RaiseEvent(
            new MassTransitStateMachine<TaskSaga>.BehaviorContextProxy<T>(Machine, saga, context, @event));
    }

    private static ConsumeContext CreateEmptyContext()
    {
        var receive = new MediatorReceiveContext<RunMessage>(
            new MessageSendContext<RunMessage>(new RunMessage()), null, null, null, new ReceiveObservable(), SystemTextJsonMessageSerializer.Instance);
        return receive.TryGetPayload(out ConsumeContext? context) ? context : throw new InvalidOperationException("The mediator's context has no message.");
    }
}
