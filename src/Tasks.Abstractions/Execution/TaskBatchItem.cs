namespace TasksBus;

/// <summary>One run among those that a handler got in one call. Its first outcome counts, and is recorded at once. Safe to share between threads.</summary>
public abstract class TaskBatchItem
{
    private readonly TaskCompletionSource<object?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One run.</summary>
    /// <param name="context">Its attempt.</param>
    private protected TaskBatchItem(TaskContext context) => Context = context;

    /// <summary>The attempt of this run: ids, cancellation, progress.</summary>
    public TaskContext Context { get; }

    /// <summary>Ends when the item has its outcome: with the result, null if the task has none, or with the exception.</summary>
    public Task<object?> Outcome => _outcome.Task;

    /// <summary>The attempt of this run has failed; its task's <see cref="TaskOptions.Retry"/> decides what follows, as if a handler of it alone had thrown.</summary>
    /// <param name="exception">Why.</param>
    public void Fail(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        _outcome.TrySetException(exception);
    }

    private protected void End(object? result) => _outcome.TrySetResult(result);
}

/// <summary>One run of a task without a result.</summary>
/// <typeparam name="TArgs">The arguments.</typeparam>
/// <param name="arguments">The arguments as they were submitted.</param>
/// <param name="context">The attempt.</param>
public sealed class TaskBatchItem<TArgs>(TArgs arguments, TaskContext context) : TaskBatchItem(context)
    where TArgs : class
{
    /// <summary>The arguments as they were submitted.</summary>
    public TArgs Arguments { get; } = arguments;

    /// <summary>This run has succeeded.</summary>
    public void Succeed() => End(result: null);
}

/// <summary>One run of a task with a result.</summary>
/// <typeparam name="TArgs">The arguments.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
/// <param name="arguments">The arguments as they were submitted.</param>
/// <param name="context">The attempt.</param>
public sealed class TaskBatchItem<TArgs, TResult>(TArgs arguments, TaskContext context) : TaskBatchItem(context)
    where TArgs : class
{
    /// <summary>The arguments as they were submitted.</summary>
    public TArgs Arguments { get; } = arguments;

    /// <summary>This run has succeeded.</summary>
    /// <param name="result">Its result.</param>
    public void Succeed(TResult result) => End(result);
}
