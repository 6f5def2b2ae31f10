using TasksBus.Client;

namespace TasksBus.Tracking;

/// <summary>What runs that are steps of workflows need of them.</summary>
internal interface IWorkflowSteps
{
    /// <summary>Fills in arguments that come from other steps.</summary>
    /// <exception cref="System.Text.Json.JsonException">What other steps have left cannot be put together.</exception>
    ValueTask<RunMessage> WithArguments(RunMessage message, CancellationToken cancellationToken);

    /// <summary>Submits what takes the place of a run.</summary>
    /// <returns>The workflow; the same one when it was submitted before, which is retried if it has not succeeded.</returns>
    ValueTask<Guid> Continue(TaskSaga run, Workflow workflow, CancellationToken cancellationToken);

    /// <inheritdoc cref="TaskContext.AddToGroup"/>
    /// <param name="run">The run that adds something.</param>
    /// <param name="number">Which of the additions of its attempt it is, from 1.</param>
    /// <param name="workflow">What it adds.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task Add(TaskSaga run, int number, Workflow workflow, CancellationToken cancellationToken);

    /// <summary>Takes back what has taken the place of a run.</summary>
    /// <returns>Whether it was not too late.</returns>
    ValueTask<bool> Revoke(Guid workflowId, string? reason, CancellationToken cancellationToken);

    /// <summary>Takes back steps of whose runs nothing is known yet.</summary>
    /// <param name="runIds">The runs, among others that are none of steps.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Those that are taken back by that.</returns>
    Task<IReadOnlyCollection<Guid>> RevokeSteps(IEnumerable<Guid> runIds, string? reason, CancellationToken cancellationToken);

    /// <summary>Takes back the steps that wait in a queue and of whose runs nothing is known yet.</summary>
    /// <returns>How many there were.</returns>
    Task<int> Purge(string queue, string? reason, CancellationToken cancellationToken);

    /// <summary>Goes on with what follows a step that has ended. Never throws: what cannot be done now, somebody does later.</summary>
    /// <returns>Whether it is done now.</returns>
    ValueTask<bool> CarryOn(TaskSaga run);
}
