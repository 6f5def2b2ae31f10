namespace TasksBus.Pipeline;

/// <summary>Calls the user's code for one task.</summary>
internal interface ITaskInvoker
{
    /// <summary>Calls the handler.</summary>
    /// <param name="services">The scope of the attempt.</param>
    /// <param name="arguments">What <see cref="Read"/> gave.</param>
    /// <param name="context">The attempt.</param>
    /// <returns>The result; null if the task has none.</returns>
    Task<object?> Invoke(IServiceProvider services, object arguments, TaskContext context);

    /// <summary>Reads the arguments.</summary>
    object Read(Payload? arguments);

    /// <summary>Writes the result; null if the task has none.</summary>
    Payload? Write(object? result);
}
