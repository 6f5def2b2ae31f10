namespace TasksBus;

/// <summary>Does the work of a task that has no result.</summary>
/// <remarks>Each attempt gets a handler of its own from a dependency-injection scope of its own; the scope ends with the attempt.</remarks>
/// <typeparam name="TArgs">The arguments, which also name the task.</typeparam>
public interface ITaskHandler<in TArgs>
    where TArgs : class
{
    /// <summary>Runs one attempt. Returning is success; throwing is decided by the task's <see cref="TaskOptions.Retry"/>.</summary>
    /// <param name="task">The arguments as they were submitted.</param>
    /// <param name="context">The attempt: ids, cancellation, progress.</param>
    Task Run(TArgs task, TaskContext context);
}

/// <summary>Does the work of a task that returns a <typeparamref name="TResult"/>.</summary>
/// <remarks>Each attempt gets a handler of its own from a dependency-injection scope of its own; the scope ends with the attempt.</remarks>
/// <typeparam name="TArgs">The arguments, which also name the task.</typeparam>
/// <typeparam name="TResult">Must be serialisable as JSON and at most <see cref="TaskQueueOptions.MaxPayloadSize"/> long.</typeparam>
public interface ITaskHandler<in TArgs, TResult>
    where TArgs : class
{
    /// <summary>Runs one attempt. The returned value becomes the result of the run; throwing is decided by the task's <see cref="TaskOptions.Retry"/>.</summary>
    /// <param name="task">The arguments as they were submitted.</param>
    /// <param name="context">The attempt: ids, cancellation, progress.</param>
    Task<TResult> Run(TArgs task, TaskContext context);
}
