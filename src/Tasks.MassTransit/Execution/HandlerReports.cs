using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.Execution;

/// <summary>Holds what a handler tells about its attempt against the rules of <see cref="TaskContext"/>.</summary>
internal static class HandlerReports
{
    /// <exception cref="ArgumentOutOfRangeException">It is below 0, or beyond its total.</exception>
    public static TaskProgress Progress(long done, long? total, string? message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(done);
        ArgumentOutOfRangeException.ThrowIfNegative(total ?? 0, nameof(total));
        return done > total
            ? throw new ArgumentOutOfRangeException(nameof(done), done, $"The progress is beyond its total of {total}. Report at most the total, or null while it is unknown.")
            : new TaskProgress(done, total, message);
    }

    /// <exception cref="ArgumentException">The data cannot be serialised, or is too long.</exception>
    public static Payload Data<T>(T data, TaskQueueOptions options)
    {
        Payload payload;
        try
        {
            payload = Payload.From(data, options.Json);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new ArgumentException($"Data of type {typeof(T).FullName} cannot be serialised: {exception.Message}", nameof(data), exception);
        }

        return payload.Length <= options.MaxPayloadSize
            ? payload
            : throw new ArgumentException(PayloadSize.TooLong("The data is", payload.Length, options.MaxPayloadSize), nameof(data));
    }
}
