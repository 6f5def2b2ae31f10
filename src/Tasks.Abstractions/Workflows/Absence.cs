using System.Text.Json;

namespace TasksBus.Workflows;

/// <summary>What stands for a result that there is not.</summary>
internal static class Absence
{
    /// <summary>The JSON of the default of a type; null where that is null.</summary>
    public static string? Of<TResult>() => default(TResult) is { } value and not JsonElement ? JsonSerializer.Serialize(value, Payload.DefaultOptions) : null;
}
