namespace TasksBus;

/// <summary>Does the work of many runs of a task in one call: those that come in within a time, up to a number (<see cref="TaskOptions.Batch"/>).</summary>
/// <remarks>
/// Each run keeps its own attempt, progress, retries and outcome. The handler comes from a scope of its own for each call. Its time limits count from the call
/// on. A run that is taken back while others are waited for is not in the call.
/// </remarks>
/// <typeparam name="TArgs">The arguments, which also name the task.</typeparam>
public interface ITaskBatchHandler<TArgs>
    where TArgs : class
{
    /// <summary>Runs one attempt of each. When it returns, what has no outcome yet has succeeded; when it throws, that has failed with the exception.</summary>
    /// <param name="items">The runs, 1 to <see cref="TaskBatchOptions.Size"/>, in the order in which they came in.</param>
    /// <param name="cancellationToken">Cancelled when all items without an outcome are to end; for each one alone, see its context.</param>
    Task Run(IReadOnlyList<TaskBatchItem<TArgs>> items, CancellationToken cancellationToken);
}

/// <summary>Does the work of many runs of a task with a result in one call, as <see cref="ITaskBatchHandler{TArgs}"/> does.</summary>
/// <typeparam name="TArgs">The arguments, which also name the task.</typeparam>
/// <typeparam name="TResult">Must be serialisable as JSON and at most <see cref="TaskQueueOptions.MaxPayloadSize"/> long.</typeparam>
public interface ITaskBatchHandler<TArgs, TResult>
    where TArgs : class
{
    /// <summary>Runs one attempt of each. When it returns, what has no outcome yet has failed, for it has no result; when it throws, that has failed with the exception.</summary>
    /// <param name="items">The runs, 1 to <see cref="TaskBatchOptions.Size"/>, in the order in which they came in.</param>
    /// <param name="cancellationToken">Cancelled when all items without an outcome are to end; for each one alone, see its context.</param>
    Task Run(IReadOnlyList<TaskBatchItem<TArgs, TResult>> items, CancellationToken cancellationToken);
}
