using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>Lets one run have a key. Whether a run still has it, its own record says, so that nothing must be given back. Safe to share between threads.</summary>
internal sealed class UniqueRuns(Foundation foundation, RunWatcher watcher, TaskQueueOptions options, TimeProvider clock)
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly SagaDocuments<UniqueSaga> _keys = new(foundation.Stores.Of(UniqueSaga.Kind), new UniqueMapping());

    /// <summary>Asks for the key of a run that is about to be submitted.</summary>
    /// <returns>Who had it before, if somebody had it still.</returns>
    public async Task<UniqueAnswer> Enter(RunMessage message, UniqueKey key, CancellationToken cancellationToken)
    {
        var id = UniqueSaga.IdOf(message.TaskName, key.Key);
        var document = await Load(id, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var (first, since) = (document.Saga.RunId, document.Saga.Since);
            var isOurs = first == message.RunId;
            var hasIt = document.Version > 0 && !isOurs ? await Has(document.Saga, key.Options, cancellationToken).ConfigureAwait(false) : false;
            if (key.Options.OnDuplicate != DuplicateAction.Replace)
            {
                if (hasIt == true)
                    return new UniqueAnswer(Existing: first, Place: null);
                if (hasIt is null)
                {
                    // Nobody is told of a run that may never come to be.
                    await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                    document = await Load(id, cancellationToken).ConfigureAwait(false);
                    continue;
                }
            }

            (document.Saga.RunId, document.Saga.Since) = (message.RunId, clock.GetUtcNow());
            var conflict = await _keys.Save(document, orAbsent: true, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return new UniqueAnswer(Existing: null, new UniquePlace(document, hasIt != false || isOurs ? (first, since) : null));

            document = conflict.Current ?? Nobody(id);
        }
    }

    /// <summary>Gives back the place of a run that was not submitted after all: to the one that had it, if it was still its own.</summary>
    public async Task GiveBack(UniquePlace place, CancellationToken cancellationToken)
    {
        if (place.Before is { } before)
        {
            (place.Document.Saga.RunId, place.Document.Saga.Since) = before;
            await _keys.Save(place.Document, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _keys.Store.Remove(place.Document.Saga.CorrelationId, place.Document.Version, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes back the run whose place another one has taken; one that is being submitted may not be recorded yet.</summary>
    public async Task Revoke(Guid first, Guid second, CancellationToken cancellationToken)
    {
        var patience = options.SubmitTimeout;
        while ((await watcher.Revoke(first, $"Replaced by run {second}.", cancellationToken).ConfigureAwait(false)).State == TaskState.NotFound && patience > TimeSpan.Zero)
        {
            await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            patience -= BetweenTries;
        }
    }

    private async Task<SagaDocument<UniqueSaga>> Load(Guid id, CancellationToken cancellationToken) =>
        await _keys.Load(id, cancellationToken).ConfigureAwait(false) ?? Nobody(id);

    private static SagaDocument<UniqueSaga> Nobody(Guid id) => new(new UniqueSaga { CorrelationId = id }, version: 0);

    /// <returns>Whether the first run still has the key; null: it is being submitted, or its process has died meanwhile.</returns>
    private async Task<bool?> Has(UniqueSaga first, UniqueOptions unique, CancellationToken cancellationToken)
    {
        var age = clock.GetUtcNow() - first.Since;
        if (unique.Scope == UniqueScope.ForPeriod)
            return age < unique.Period;
        var state = (await watcher.Snapshot(first.RunId, cancellationToken).ConfigureAwait(false)).State;
        return (state, unique.Scope) switch
        {
            (TaskState.NotFound, _) => age < options.SubmitTimeout ? null : false,
            (TaskState.Running, UniqueScope.WhileWaiting) => false,
            _ => !state.IsFinal(),
        };
    }
}

/// <summary>The answer to a run that wants a unique key.</summary>
/// <param name="Existing">The run that has it; null: the one that asked.</param>
/// <param name="Place">What the one that asked has got; null if it has got nothing.</param>
internal readonly record struct UniqueAnswer(Guid? Existing, UniquePlace? Place);

/// <summary>The place of a run as the only one with its key.</summary>
/// <param name="Document">As it was written.</param>
/// <param name="Before">Who has it still, should this run not come to be; null: nobody.</param>
internal sealed record UniquePlace(SagaDocument<UniqueSaga> Document, (Guid RunId, DateTimeOffset Since)? Before)
{
    /// <summary>The run whose place this is, and which is to be revoked; null if there is none.</summary>
    public Guid? Replaced => Before?.RunId is { } first && first != Document.Saga.RunId ? first : null;
}
