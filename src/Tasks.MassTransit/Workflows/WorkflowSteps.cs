using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>What runs have from the workflows that they are steps of. Safe to share between threads.</summary>
internal sealed class WorkflowSteps(
    Foundation foundation, NodeResults results, Continuations continuations, Additions additions, WorkflowControl control, StepRevocations revocations, WorkflowKeeper keeper, ILogger<WorkflowSteps> log) : IWorkflowSteps
{
    /// <summary>What is not done then, a look at the workflow finds, which may be minutes later if nothing in it has moved for long.</summary>
    private const int CarryOnAttempts = 5;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(200);

    public async ValueTask<RunMessage> WithArguments(RunMessage message, CancellationToken cancellationToken)
    {
        var (workflowId, _, node) = message.Step!;
        var stored = await foundation.Workflows.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        if (stored.Count == 0)
            return message;
        var definition = NodeDefinition.Read(stored[0].Definition);
        return message with { Arguments = await results.ArgumentsOf(workflowId, definition.Call!, definition.IsForFailure, cancellationToken).ConfigureAwait(false) };
    }

    public ValueTask<Guid> Continue(TaskSaga run, Workflow workflow, CancellationToken cancellationToken) => continuations.Start(run, workflow, cancellationToken);

    public Task Add(TaskSaga run, int number, Workflow workflow, CancellationToken cancellationToken) => additions.Add(run, number, workflow, cancellationToken);

    public async ValueTask<bool> Revoke(Guid workflowId, string? reason, CancellationToken cancellationToken) =>
        await control.Revoke(workflowId, reason, cancellationToken).ConfigureAwait(false) is { IsAccepted: true };

    public Task<IReadOnlyCollection<Guid>> RevokeSteps(IEnumerable<Guid> runIds, string? reason, CancellationToken cancellationToken) => revocations.Revoke(runIds, reason, cancellationToken);

    public Task<int> Purge(string queue, string? reason, CancellationToken cancellationToken) => revocations.Purge(queue, reason, cancellationToken);

    public async ValueTask<bool> CarryOn(TaskSaga run)
    {
        for (var attempt = 1; attempt <= CarryOnAttempts; attempt++)
        {
            try
            {
                await keeper.End(run, CancellationToken.None).ConfigureAwait(false);
                return true;
            }
            catch (Exception exception)
            {
                // The run is recorded: whatever this is, to fail now would make somebody run it again.
                log.NotCarriedOn(exception, run.Step!.Name, run.Step.WorkflowId);
            }

            if (attempt < CarryOnAttempts)
                await Task.Delay(BetweenAttempts * attempt, TimeProvider.System).ConfigureAwait(false);
        }

        return false;
    }
}
