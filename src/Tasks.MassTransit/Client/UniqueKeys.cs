using System.Security.Cryptography;
using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.Client;

/// <summary>Says what makes a run unique.</summary>
internal static class UniqueKeys
{
    private const int Longest = 255;

    /// <param name="task">The task.</param>
    /// <param name="argumentsType">The type of its arguments; null if this process does not know the task.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="options">What the caller says.</param>
    /// <param name="queue">How to read the arguments.</param>
    /// <returns>Null if the run is not unique.</returns>
    /// <exception cref="ArgumentException">The options contradict each other, or the key cannot be taken from the arguments.</exception>
    public static UniqueKey? Of(TaskOptions task, Type? argumentsType, Payload? arguments, RunOptions? options, TaskQueueOptions queue)
    {
        var unique = options?.Unique ?? task.Unique;
        if (options?.Unique is not null && OptionsCheck.Fault(unique) is { } fault)
            throw new ArgumentException($"{nameof(RunOptions.Unique)}: {fault}", nameof(options));
        if (unique.Scope == UniqueScope.None)
        {
            return options?.UniqueKey is null
                ? null
                : throw new ArgumentException($"{nameof(RunOptions.UniqueKey)} is '{options.UniqueKey}', but nothing says for how long. Set {nameof(UniqueOptions)}.{nameof(UniqueOptions.Scope)}.", nameof(options));
        }

        var key = options?.UniqueKey ?? (task.UniqueKey is { } select && argumentsType is not null ? Select(task, select, argumentsType, arguments, queue) : HashOf(arguments));
        return key switch
        {
            null => null,
            { Length: >= 1 and <= Longest } => new UniqueKey(key, unique),
            _ => throw new ArgumentException($"The {nameof(RunOptions.UniqueKey)} of a run of task '{task.Name}' is {key.Length} characters long. Give 1 to {Longest}.", nameof(options)),
        };
    }

    /// <remarks>From what is sent, not from what was given: a caller that knows only the name of the task gets the same key.</remarks>
    private static string? Select(TaskOptions task, Func<object, string?> select, Type argumentsType, Payload? arguments, TaskQueueOptions queue)
    {
        try
        {
            return select(JsonSerializer.Deserialize(arguments!.Json.Span, argumentsType, queue.Json)!);
        }
        catch (Exception exception)
        {
            throw new ArgumentException(
                $"The {nameof(TaskOptions.UniqueKey)} of task '{task.Name}' cannot be taken from its arguments: {exception.Message} " +
                $"Let what {nameof(TaskOptions.UniqueBy)} got return null where a run is not unique.", nameof(arguments), exception);
        }
    }

    private static string HashOf(Payload? arguments) => Convert.ToHexStringLower(SHA256.HashData(arguments is null ? [] : arguments.Json.Span));
}
