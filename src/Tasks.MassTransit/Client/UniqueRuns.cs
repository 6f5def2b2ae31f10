using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>Lets one run have a key. Whether a run still has it, its own record says, so that nothing must be given back. Safe to share between threads.</summary>
internal sealed class UniqueRuns(Foundation foundation, RunWatcher watcher, TaskQueueOptions options, TimeProvider clock)
{
    private readonly SagaDocuments<UniqueSaga> _keys = new(foundation.Stores.Of(UniqueSaga.Kind), new UniqueMapping());

    /// <summary>Asks for the key of a run that is about to be submitted.</summary>
    /// <returns>Null if the run has it now; else the run that has it.</returns>
    public async Task<Guid?> Enter(RunMessage message, UniqueKey key, CancellationToken cancellationToken)
    {
        var id = UniqueSaga.IdOf(message.TaskName, key.Key);
        var document = await _keys.Load(id, cancellationToken).ConfigureAwait(false) ?? new SagaDocument<UniqueSaga>(new UniqueSaga { CorrelationId = id }, version: 0);
        while (true)
        {
            var first = document.Saga.RunId;
            var isTaken = document.Version > 0 && first != message.RunId && await Has(document.Saga, key.Options, cancellationToken).ConfigureAwait(false);
            if (isTaken && key.Options.OnDuplicate != DuplicateAction.Replace)
                return first;

            (document.Saga.RunId, document.Saga.Since) = (message.RunId, clock.GetUtcNow());
            var conflict = await _keys.Save(document, orAbsent: true, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
            {
                if (isTaken)
                    await watcher.Revoke(first, $"Replaced by run {message.RunId}.", cancellationToken).ConfigureAwait(false);
                return null;
            }

            document = conflict.Current ?? new SagaDocument<UniqueSaga>(new UniqueSaga { CorrelationId = id }, version: 0);
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
