using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.Client;

/// <summary>What callers give to a run.</summary>
internal static class Arguments
{
    /// <param name="arguments">The arguments; null for an empty object.</param>
    /// <param name="owner">Whose they are, for people.</param>
    /// <param name="options">How to write them, and how long they may be.</param>
    /// <exception cref="ArgumentException">They cannot be serialised, or are too long.</exception>
    public static Payload Serialize(object? arguments, string owner, TaskQueueOptions options)
    {
        Payload payload;
        try
        {
            payload = Payload.From(arguments ?? new object(), options.Json);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new ArgumentException($"The arguments of {owner} cannot be serialised: {exception.Message}", nameof(arguments), exception);
        }

        return payload.Length <= options.MaxPayloadSize
            ? payload
            : throw new ArgumentException(PayloadSize.TooLong($"The arguments of {owner} are", payload.Length, options.MaxPayloadSize), nameof(arguments));
    }
}
