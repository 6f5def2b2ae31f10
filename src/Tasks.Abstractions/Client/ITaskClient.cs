namespace TasksBus;

/// <summary>Submits runs and finds them again. Safe to share between threads; one per process is enough.</summary>
/// <remarks>
/// A call that submits returns once the broker has the run on disk (or, for a delayed run, once the store has it). If that cannot be
/// confirmed within <see cref="TaskQueueOptions.SubmitTimeout"/>, it fails with a <see cref="SubmitException"/>; the run may then
/// have been accepted or not, and submitting it again under the same <see cref="RunOptions.RunId"/> is safe.
/// </remarks>
public interface ITaskClient
{
    /// <summary>Submits a run of a task with a result.</summary>
    /// <typeparam name="TResult">Inferred from the arguments.</typeparam>
    /// <param name="task">The arguments.</param>
    /// <param name="options">How this run differs from the task's options.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmation.</param>
    /// <exception cref="UnknownTaskException">The task is not registered, and embedded in one process no other could run it.</exception>
    /// <exception cref="ArgumentException">The options contradict each other, or the arguments cannot be serialised or are too long.</exception>
    /// <exception cref="UnknownQueueException">The queue is not one that this process knows.</exception>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    Task<TaskHandle<TResult>> Run<TResult>(ITask<TResult> task, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Submits a run of a task without a result.</summary>
    /// <inheritdoc cref="Run{TResult}(ITask{TResult}, RunOptions?, CancellationToken)"/>
    Task<TaskHandle> Run(ITask task, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Submits a run by the name of its task, for callers without its types.</summary>
    /// <param name="taskName">A task that this process or a worker has registered. One that nobody has registered needs <see cref="RunOptions.Queue"/>.</param>
    /// <param name="arguments">Anything that serialises to the JSON that the handler expects; null for an empty object.</param>
    /// <param name="options">How this run differs from the task's options.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmation.</param>
    /// <exception cref="UnknownTaskException">Nobody has registered the task.</exception>
    /// <exception cref="ArgumentException">The options contradict each other, or the arguments cannot be serialised or are too long.</exception>
    /// <exception cref="UnknownQueueException">The queue is not one that this process knows.</exception>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    Task<TaskHandle> Run(string taskName, object? arguments, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Submits many runs, with many confirmations under way at a time. The handles come in the order of the tasks.</summary>
    /// <param name="tasks">The arguments.</param>
    /// <param name="options">Shared by all of them; <see cref="RunOptions.RunId"/> must be null.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmations.</param>
    /// <exception cref="ArgumentException">As for a single run, or the options hold an id.</exception>
    /// <exception cref="SubmitException">The broker or the store did not confirm one of them in time; others may have been accepted.</exception>
    Task<IReadOnlyList<TaskHandle<TResult>>> RunMany<TResult>(
        IEnumerable<ITask<TResult>> tasks, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Submits many runs without results, with many confirmations under way at a time.</summary>
    /// <inheritdoc cref="RunMany{TResult}(IEnumerable{ITask{TResult}}, RunOptions?, CancellationToken)"/>
    Task<IReadOnlyList<TaskHandle>> RunMany(IEnumerable<ITask> tasks, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Submits a workflow. Returns once it is stored; a worker starts its first steps.</summary>
    /// <typeparam name="TResult">Inferred from the workflow.</typeparam>
    /// <param name="workflow">The workflow, or a single call.</param>
    /// <param name="options">Name, deadline and the like.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmation.</param>
    /// <exception cref="ArgumentException">A call of it could not be submitted, which the message names, or the options cannot be.</exception>
    /// <exception cref="UnknownTaskException">Nobody has registered a task of it.</exception>
    /// <exception cref="UnknownQueueException">A queue is not one that this process knows.</exception>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    Task<WorkflowHandle<TResult>> Run<TResult>(Workflow<TResult> workflow, WorkflowOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Submits a workflow whose result nobody needs.</summary>
    /// <inheritdoc cref="Run{TResult}(Workflow{TResult}, WorkflowOptions?, CancellationToken)"/>
    Task<WorkflowHandle> Run(Workflow workflow, WorkflowOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>A handle to a workflow that somebody submitted. Asks nobody.</summary>
    WorkflowHandle FindWorkflow(Guid workflowId);

    /// <summary>A handle to a workflow that somebody submitted and that ends with a <typeparamref name="TResult"/>.</summary>
    WorkflowHandle<TResult> FindWorkflow<TResult>(Guid workflowId);

    /// <summary>A handle to a run that somebody submitted. Asks nobody: whether the run exists, its snapshot says.</summary>
    TaskHandle Find(Guid runId);

    /// <summary>A handle to a run that somebody submitted and that returns a <typeparamref name="TResult"/>.</summary>
    TaskHandle<TResult> Find<TResult>(Guid runId);
}
