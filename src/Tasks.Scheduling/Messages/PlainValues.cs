using System.Text.Json;

namespace TasksBus.Messages;

/// <summary>Headers and properties that were kept as JSON: as values that transports can write.</summary>
internal static class PlainValues
{
    /// <summary>Makes texts, numbers and truth values of what is one; leaves the rest as it is.</summary>
    public static IReadOnlyDictionary<string, object> Of(IReadOnlyDictionary<string, object>? values) =>
        (values ?? new Dictionary<string, object>(StringComparer.Ordinal)).ToDictionary(value => value.Key, value => Plain(value.Value), StringComparer.Ordinal);

    private static object Plain(object value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var whole) ? whole : number.GetDouble(),
        JsonElement { ValueKind: JsonValueKind.True } => true,
        JsonElement { ValueKind: JsonValueKind.False } => false,
        _ => value,
    };
}
