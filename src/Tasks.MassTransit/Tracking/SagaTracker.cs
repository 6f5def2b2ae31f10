using MassTransit;
using MassTransit.Context;
using MassTransit.Mediator.Contexts;
using MassTransit.Observables;
using MassTransit.Serialization;

using TasksBus.Client;

namespace TasksBus.Tracking;

/// <summary>Raises events on a state machine in process, and saves what they change: the same machine and documents as behind the bus. Safe to share between threads.</summary>
internal class SagaTracker<TSaga>(MassTransitStateMachine<TSaga> machine, SagaDocuments<TSaga> documents)
    where TSaga : class, SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The documents behind the tracker.</summary>
    public SagaDocuments<TSaga> Documents { get; } = documents;

    /// <summary>Raises an event on what is stored: two round trips, one if nothing changes.</summary>
    /// <returns>The saga after the event; null if nothing is known of it.</returns>
    public async ValueTask<SagaDocument<TSaga>?> Raise<T>(Event<T> @event, T message, Guid id, CancellationToken cancellationToken = default)
        where T : class =>
        await Documents.Load(id, cancellationToken).ConfigureAwait(false) is { } document
            ? await RaiseOn(document, @event, message, orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Raises an event on what we take to be stored: one round trip if we are right, else two.</summary>
    /// <param name="document">The saga as we know it from before, or as its submission must have recorded it.</param>
    /// <param name="event">The event.</param>
    /// <param name="message">What it carries.</param>
    /// <param name="orAbsent">Whether the saga may be unknown to the store, which then records it.</param>
    /// <param name="judge">Looks at the saga each time before the event is raised on it; null if nobody needs to.</param>
    /// <param name="cancellationToken">Ends the call; the event may then be recorded or not.</param>
    /// <returns>The saga after the event; null if nothing is known of it.</returns>
    public async ValueTask<SagaDocument<TSaga>?> RaiseOn<T>(
        SagaDocument<TSaga> document, Event<T> @event, T message, bool orAbsent, Func<TSaga, CancellationToken, ValueTask>? judge = null, CancellationToken cancellationToken = default)
        where T : class
    {
        var token = TokenOf(document.Saga);
        while (true)
        {
            (message as IAnswered)?.ClearAnswer();
            if (judge is not null)
                await judge(document.Saga, cancellationToken).ConfigureAwait(false);
            await Apply(document.Saga, @event, message).ConfigureAwait(false);
            var conflict = await Documents.Save(document, orAbsent, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return document;
            if (conflict.Current is null)
                return null;
            if (TokenOf(conflict.Current.Saga) >= token)
            {
                document = conflict.Current;
                continue;
            }

            // What is stored is older than what was stored before: the store came back without its last writes, and gets this one again.
            document = new SagaDocument<TSaga>(document.Saga, conflict.Current.Version);
            if (await Documents.Save(document, cancellationToken: cancellationToken).ConfigureAwait(false) is null)
                return document;
        }
    }

    /// <summary>A number of the saga that never falls while it is stored.</summary>
    protected virtual long TokenOf(TSaga saga) => 0;

    private Task Apply<T>(TSaga run, Event<T> @event, T message)
        where T : class
    {
        var context = new MessageConsumeContext<T>(NoMessage.Context, message);
        var saga = new DefaultSagaConsumeContext<TSaga, T>(context, run);
        return ((StateMachine<TSaga>)machine).RaiseEvent(
            new MassTransitStateMachine<TSaga>.BehaviorContextProxy<T>(machine, saga, context, @event));
    }
}

/// <summary>MassTransit wants a message context around every event; in process there is no message, so all events share this empty one.</summary>
file static class NoMessage
{
    public static readonly ConsumeContext Context = Create();

    private static ConsumeContext Create()
    {
        var receive = new MediatorReceiveContext<RunMessage>(
            new MessageSendContext<RunMessage>(new RunMessage()), null, null, null, new ReceiveObservable(), SystemTextJsonMessageSerializer.Instance);
        return receive.TryGetPayload(out ConsumeContext? context) ? context : throw new InvalidOperationException("The mediator's context has no message.");
    }
}
