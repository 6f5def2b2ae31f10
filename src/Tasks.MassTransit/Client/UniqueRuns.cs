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
        var document = await _keys.Load(id, cancellationToken).ConfigureAwait(false) ?? new SagaDocument<UniqueSaga>(new UniqueSaga { CorrelationId = id }, version: 0);
        while (true)
        {
            var first = document.Saga.RunId;
            var isTaken = document.Version > 0 && first != message.RunId && await Has(document.Saga, key.Options, cancellationToken).ConfigureAwait(false);
            if (isTaken && key.Options.OnDuplicate != DuplicateAction.Replace)
                return new UniqueAnswer(Existing: first, Replaced: null);

            (document.Saga.RunId, document.Saga.Since) = (message.RunId, clock.GetUtcNow());
            var conflict = await _keys.Save(document, orAbsent: true, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
                return new UniqueAnswer(Existing: null, Replaced: isTaken ? first : null);

            document = conflict.Current ?? new SagaDocument<UniqueSaga>(new UniqueSaga { CorrelationId = id }, version: 0);
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

    private async Task<bool> Has(UniqueSaga first, UniqueOptions unique, CancellationToken cancellationToken)
    {
        var age = clock.GetUtcNow() - first.Since;
        if (unique.Scope == UniqueScope.ForPeriod)
            return age < unique.Period;
        var state = (await watcher.Snapshot(first.RunId, cancellationToken).ConfigureAwait(false)).State;
        return (state, unique.Scope) switch
        {
            // It is being submitted, or its submission has failed.
            (TaskState.NotFound, _) => age < options.SubmitTimeout * 2,
            (TaskState.Running, UniqueScope.WhileWaiting) => false,
            _ => !state.IsFinal(),
        };
    }
}

/// <summary>The answer to a run that wants a unique key.</summary>
/// <param name="Existing">The run that has it; null: the one that asked.</param>
/// <param name="Replaced">The run that had it until now, and is to be revoked; null if there is none.</param>
internal readonly record struct UniqueAnswer(Guid? Existing, Guid? Replaced);
