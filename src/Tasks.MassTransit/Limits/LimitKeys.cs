namespace TasksBus.Limits;

/// <summary>Takes the key of a run from its arguments.</summary>
internal static class LimitKeys
{
    private const int Longest = 255;

    /// <param name="task">The task.</param>
    /// <param name="arguments">The arguments, as the handler gets them.</param>
    /// <returns>The key; null if the run has none.</returns>
    /// <exception cref="ArgumentException">It cannot be taken, or is too long.</exception>
    public static string? Of(TaskOptions task, object arguments)
    {
        if (task.LimitKey is not { } select)
            return null;
        string? key;
        try
        {
            key = select(arguments);
        }
        catch (Exception exception)
        {
            throw new ArgumentException(
                $"The {nameof(TaskOptions.LimitKey)} of task '{task.Name}' cannot be taken from its arguments: {exception.Message} " +
                $"Let what {nameof(TaskOptions.LimitBy)} got return null where there is no key.", nameof(arguments), exception);
        }

        return Valid(key, $"The {nameof(TaskOptions.LimitKey)} of task '{task.Name}'", nameof(arguments));
    }

    /// <param name="key">The key.</param>
    /// <param name="owner">Whose it is, for people.</param>
    /// <param name="parameter">Where the caller has it from.</param>
    /// <exception cref="ArgumentException">It is no key.</exception>
    public static string? Valid(string? key, string owner, string parameter) =>
        key is null or { Length: >= 1 and <= Longest }
            ? key
            : throw new ArgumentException($"{owner} is {key.Length} characters long. Give 1 to {Longest}, or null for none.", parameter);
}
