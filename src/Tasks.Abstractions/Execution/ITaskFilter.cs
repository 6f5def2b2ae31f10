namespace TasksBus;

/// <summary>Runs around the handler, for what many tasks have in common: transactions, tenants, measuring, checking.</summary>
/// <remarks>
/// Comes from the scope of the attempt, as the handler does, and runs where the handler runs. What it throws ends the attempt as if the handler had thrown
/// it, and its time counts as the handler's. Filters of all tasks run in the order in which they were added, around those of the one task.
/// </remarks>
public interface ITaskFilter
{
    /// <summary>Runs around one attempt.</summary>
    /// <param name="task">The arguments as they were submitted.</param>
    /// <param name="context">The attempt.</param>
    /// <param name="next">The next filter or, after the last, the handler. Gives the result, null if the task has none. Without calling it, the handler does not run.</param>
    /// <returns>The result of the attempt: that of <paramref name="next"/>, or another one of the type that the handler returns.</returns>
    Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next);
}

/// <summary>Runs around the handlers of the tasks whose arguments are <typeparamref name="TArgs"/>.</summary>
/// <remarks>As <see cref="ITaskFilter"/> in everything else. An instance is needed only where the arguments fit.</remarks>
/// <typeparam name="TArgs">The arguments of one task, or a base class or an interface of those of many.</typeparam>
public interface ITaskFilter<in TArgs>
    where TArgs : class
{
    /// <inheritdoc cref="ITaskFilter.Run"/>
    Task<object?> Run(TArgs task, TaskContext context, Func<Task<object?>> next);
}
