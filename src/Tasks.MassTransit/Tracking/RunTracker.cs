using MassTransit;

namespace TasksBus.Tracking;

/// <summary>Raises events on runs. Safe to share between threads.</summary>
internal sealed class RunTracker(TaskStateMachine machine, SagaDocuments<TaskSaga> documents) : SagaTracker<TaskSaga>(machine, documents)
{
    /// <summary>The machine behind the tracker.</summary>
    public TaskStateMachine Machine { get; } = machine;

    /// <inheritdoc cref="SagaTracker{TSaga}.Raise{T}(Event{T}, T, Guid, CancellationToken)"/>
    public ValueTask<SagaDocument<TaskSaga>?> Raise<T>(Event<T> @event, T message, CancellationToken cancellationToken = default)
        where T : class, IRunEvent =>
        Raise(@event, message, message.RunId, cancellationToken);

    /// <summary>Raises an event on what is stored, or on a run as its submission would have recorded it, if nothing is.</summary>
    /// <param name="create">Makes that.</param>
    /// <param name="event">The event.</param>
    /// <param name="message">What it carries.</param>
    /// <param name="judge">As for <see cref="SagaTracker{TSaga}.RaiseOn"/>.</param>
    /// <param name="cancellationToken">Ends the call; the event may then be recorded or not.</param>
    public async ValueTask<SagaDocument<TaskSaga>?> RaiseOnStoredOr<T>(
        Func<SagaDocument<TaskSaga>> create, Event<T> @event, T message, Func<TaskSaga, CancellationToken, ValueTask>? judge = null, CancellationToken cancellationToken = default)
        where T : class, IRunEvent
    {
        var stored = await Documents.Load(message.RunId, cancellationToken).ConfigureAwait(false);
        return await RaiseOn(stored ?? create(), @event, message, orAbsent: stored is null, judge, cancellationToken).ConfigureAwait(false);
    }

    protected override long TokenOf(TaskSaga saga) => saga.FencingToken;

    /// <summary>Records a submitted run, unless something is recorded of it already. One round trip.</summary>
    /// <returns>What is recorded of it already; null if nothing was.</returns>
    public async ValueTask<TaskSaga?> Submit(TaskSaga run, CancellationToken cancellationToken = default) =>
        (await Documents.Save(new SagaDocument<TaskSaga>(run, version: 0), cancellationToken: cancellationToken).ConfigureAwait(false))?.Current?.Saga;
}
