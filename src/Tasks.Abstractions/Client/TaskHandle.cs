namespace TasksBus;

/// <summary>A submitted run, from any process. Holds only the id; everything else is asked for. Safe to share between threads.</summary>
public abstract class TaskHandle
{
    /// <summary>A handle to a run.</summary>
    protected TaskHandle(Guid runId) => RunId = runId;

    /// <summary>The run.</summary>
    public Guid RunId { get; }

    /// <summary>The run as it is now; its state is <see cref="TaskState.NotFound"/> if nothing is known of it.</summary>
    public abstract Task<TaskSnapshot> Snapshot(CancellationToken cancellationToken = default);

    /// <summary>
    /// The run as it is now, then again at each change of its state and at its latest progress, until it is final. Ends at once if nothing is known of the run.
    /// </summary>
    /// <remarks>No change of state is left out while the watcher is connected to the store; of progress reported in quick succession, only the latest.</remarks>
    public abstract IAsyncEnumerable<TaskSnapshot> Watch(CancellationToken cancellationToken = default);

    /// <summary>Waits until the run is final and gives its snapshot, whatever its end. Throws nothing for a run that failed.</summary>
    /// <param name="timeout">0 or more; null to wait for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    /// <exception cref="TimeoutException">The run is not final yet. It goes on.</exception>
    /// <exception cref="TaskNotFoundException">Nothing is known of the run.</exception>
    public abstract Task<TaskSnapshot> Completion(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Waits until the run has succeeded, whether it returns something or not.</summary>
    /// <param name="timeout">0 or more; null to wait for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    /// <exception cref="TaskFailedException">The run failed; the exception has the remote type, message and stack.</exception>
    /// <exception cref="TaskRevokedException">The run was revoked.</exception>
    /// <exception cref="TaskExpiredException">The run expired before it started.</exception>
    /// <exception cref="WorkflowFailedException">The workflow to which the run has handed over did not succeed.</exception>
    /// <exception cref="TimeoutException">The run is not final yet. It goes on.</exception>
    /// <exception cref="TaskNotFoundException">Nothing is known of the run: its id is wrong, it was forgotten, or its result has expired.</exception>
    public abstract Task Result(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Waits for the result of the run and reads it as a <typeparamref name="T"/>.</summary>
    /// <inheritdoc cref="TaskHandle{TResult}.Result(TimeSpan?, CancellationToken)"/>
    public abstract Task<T> Result<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Takes the run back. What waits ends <see cref="TaskState.Revoked"/> at once; what runs has its token cancelled first;
    /// a workflow to which it has handed over is revoked. A step of a workflow whose turn has not come ends at once, too, and what waits for it goes on as after any failure.</summary>
    /// <param name="reason">Why, for people; kept with the run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The run after the call. Final and not <see cref="TaskState.Revoked"/>: it was too late, unless it has handed over.</returns>
    public abstract Task<TaskSnapshot> Revoke(string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Removes the record of a run that is final, with its result. Does nothing if nothing is known of the run.</summary>
    /// <exception cref="InvalidOperationException">The run is not final.</exception>
    public abstract Task Forget(CancellationToken cancellationToken = default);
}

/// <summary>A submitted run that returns a <typeparamref name="TResult"/>.</summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class TaskHandle<TResult> : TaskHandle
{
    /// <summary>A handle to a run.</summary>
    protected TaskHandle(Guid runId)
        : base(runId)
    {
    }

    /// <summary>Waits for the result of the run.</summary>
    /// <param name="timeout">0 or more; null to wait for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    /// <exception cref="TaskFailedException">The run failed; the exception has the remote type, message and stack.</exception>
    /// <exception cref="TaskRevokedException">The run was revoked.</exception>
    /// <exception cref="TaskExpiredException">The run expired before it started.</exception>
    /// <exception cref="TimeoutException">The run is not final yet. It goes on.</exception>
    /// <exception cref="TaskNotFoundException">Nothing is known of the run: its id is wrong, it was forgotten, or its result has expired.</exception>
    /// <exception cref="TaskResultException">The result is of another type, or is not kept.</exception>
    public abstract override Task<TResult> Result(TimeSpan? timeout = null, CancellationToken cancellationToken = default);
}
