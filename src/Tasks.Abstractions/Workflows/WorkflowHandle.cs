namespace TasksBus;

/// <summary>A submitted workflow, from any process. Holds only the id; everything else is asked for. Safe to share between threads.</summary>
public abstract class WorkflowHandle
{
    /// <summary>A handle to a workflow.</summary>
    protected WorkflowHandle(Guid workflowId) => WorkflowId = workflowId;

    /// <summary>The workflow.</summary>
    public Guid WorkflowId { get; }

    /// <summary>The workflow as it is now, with every step; its state is <see cref="WorkflowState.NotFound"/> if nothing is known of it.</summary>
    public abstract Task<WorkflowSnapshot> Snapshot(CancellationToken cancellationToken = default);

    /// <summary>The workflow as it is now, then again when steps have ended or its state is another, until it is final. Of ends in quick succession, one snapshot has all.</summary>
    public abstract IAsyncEnumerable<WorkflowSnapshot> Watch(CancellationToken cancellationToken = default);

    /// <summary>Waits until the workflow is final and gives its snapshot, whatever its end.</summary>
    /// <param name="timeout">0 or more; null to wait for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the workflow.</param>
    /// <exception cref="TimeoutException">The workflow is not final yet. It goes on.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public abstract Task<WorkflowSnapshot> Completion(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Waits for the result of the workflow and reads it as a <typeparamref name="T"/>.</summary>
    /// <inheritdoc cref="WorkflowHandle{TResult}.Result(TimeSpan?, CancellationToken)"/>
    public abstract Task<T> Result<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>The results of the steps that are runs, each as soon as it is there, until the workflow is final.</summary>
    public abstract IAsyncEnumerable<StepResult> Results(CancellationToken cancellationToken = default);

    /// <summary>The run of a step, which may not be submitted yet: who watches it, or waits for its end, waits for that too.</summary>
    /// <param name="step">The name of the step.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The workflow has no step of that name, or it is none that is run.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public abstract Task<TaskHandle> Step(string step, CancellationToken cancellationToken = default);

    /// <summary>Takes the workflow back: what waits in it is not run, what runs has its token cancelled; so with workflows to which its steps have handed over.</summary>
    /// <param name="reason">Why, for people; kept with it and its runs.</param>
    /// <param name="cancellationToken">Ends the call; the rest is done all the same.</param>
    /// <returns>Where it is then; final and not <see cref="WorkflowState.Revoked"/>: it was too late.</returns>
    public abstract Task<WorkflowState> Revoke(string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Does again what has failed, expired or was revoked, and what waits for that; what has succeeded stays as it is, also in workflows to which steps have handed over.</summary>
    /// <exception cref="InvalidOperationException">The workflow is not final, or has succeeded, or what it did was taken back.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public abstract Task Retry(CancellationToken cancellationToken = default);

    /// <summary>
    /// Tells the step that waits for a signal, or will, that it goes on: a step of this workflow, else, in the order of its steps, one of a workflow that goes on in the
    /// place of a step that has handed over, and so on.
    /// </summary>
    /// <param name="name">The signal.</param>
    /// <param name="payload">The result of the step; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The payload cannot be serialised, is longer than <see cref="TaskQueueOptions.MaxPayloadSize"/>, or is not what the step waits for.</exception>
    /// <exception cref="InvalidOperationException">No step waits for it: neither the workflow nor one to which it has handed over by now has one of that name, or it has ended, or was told before.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public abstract Task Signal(string name, object? payload = null, CancellationToken cancellationToken = default);
}

/// <summary>A submitted workflow that ends with a <typeparamref name="TResult"/>.</summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class WorkflowHandle<TResult> : WorkflowHandle
{
    /// <summary>A handle to a workflow.</summary>
    protected WorkflowHandle(Guid workflowId)
        : base(workflowId)
    {
    }

    /// <summary>Waits for the result of the workflow.</summary>
    /// <param name="timeout">0 or more; null to wait for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the workflow.</param>
    /// <exception cref="WorkflowFailedException">The workflow failed, expired or was revoked.</exception>
    /// <exception cref="TimeoutException">The workflow is not final yet. It goes on.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    /// <exception cref="TaskResultException">The result is of another type.</exception>
    public abstract Task<TResult> Result(TimeSpan? timeout = null, CancellationToken cancellationToken = default);
}

/// <summary>What a step of a workflow has returned.</summary>
/// <param name="Step">The name of the step.</param>
/// <param name="Result">Its result; null if its task has none.</param>
public sealed record StepResult(string Step, Payload? Result);
