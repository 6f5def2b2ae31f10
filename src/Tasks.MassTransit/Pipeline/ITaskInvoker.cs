namespace TasksBus.Pipeline;

/// <summary>Calls the user's code for one task.</summary>
internal interface ITaskInvoker
{
    /// <summary>Whether one call of the handler takes many attempts, and so finds its own turn and starts their time.</summary>
    bool IsBatch => false;

    /// <summary>Calls the handler.</summary>
    /// <param name="attempt">The attempt, with its scope open and its arguments read.</param>
    /// <returns>The result; null if the task has none.</returns>
    Task<object?> Invoke(Attempt attempt);

    /// <summary>Reads the arguments.</summary>
    object Read(Payload? arguments);

    /// <summary>Writes the result; null if the task has none.</summary>
    Payload? Write(object? result);
}
