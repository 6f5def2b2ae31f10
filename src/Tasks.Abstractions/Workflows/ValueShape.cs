using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;

namespace TasksBus.Workflows;

/// <summary>What the JSON of a type looks like from outside, so that a value of another type is noticed before it is read. Safe to share between threads.</summary>
/// <param name="TypeName">The type, for people.</param>
/// <param name="Kinds">The kinds of value that it may be, as <see href="https://json-schema.org/understanding-json-schema/reference/type">JSON Schema</see> calls them.</param>
/// <param name="Required">The properties that an object must have.</param>
/// <param name="Pattern">The regular expression that a text must match; null if any will do. A number may be one too where the options read numbers from texts.</param>
/// <param name="Format">What a text says, in the terms of JSON Schema: looked at are <c>uuid</c> and <c>date-time</c>.</param>
public sealed record ValueShape(string TypeName, IReadOnlyList<string> Kinds, IReadOnlyList<string> Required, string? Pattern = null, string? Format = null)
{
    private const int LongestQuote = 40;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    /// <summary>The shape of a type.</summary>
    /// <returns>Null if its values may be anything.</returns>
    public static ValueShape? Of(Type type, JsonSerializerOptions json)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(json);
        return json.GetJsonSchemaAsNode(type) is JsonObject schema && schema["type"] is { } kinds
            ? new ValueShape(type.Name, Texts(kinds), Texts(schema["required"]), schema["pattern"]?.GetValue<string>(), schema["format"]?.GetValue<string>())
            : null;
    }

    /// <summary>What keeps a value from being one of this shape.</summary>
    /// <returns>Null if nothing does; what is deeper in it is not looked at.</returns>
    public string? ObjectionTo(Payload value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var document = JsonDocument.Parse(value.Json);
        var (root, kind) = (document.RootElement, KindOf(document.RootElement));
        if (!Kinds.Contains(kind, StringComparer.Ordinal) && !(kind == "integer" && Kinds.Contains("number", StringComparer.Ordinal)))
            return $"a {TypeName}, in JSON {string.Join(" or ", Kinds)}, and was given {kind}";
        if (kind == "string" && !Says(root))
            return $"a {TypeName}, and was given the text '{Start(root.GetString()!)}'";
        return kind == "object" && Required.FirstOrDefault(name => !HasProperty(root, name)) is { } missing
            ? $"a {TypeName}, and was given an object without '{missing}'"
            : null;
    }

    private static string[] Texts(JsonNode? node) => node switch
    {
        null => [],
        JsonArray many => [.. many.Select(one => one!.GetValue<string>())],
        _ => [node.GetValue<string>()],
    };

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private bool Says(JsonElement text) => (Pattern is null || Regex.IsMatch(text.GetString()!, Pattern, RegexOptions.None, LongestMatch)) && Format switch
    {
        "uuid" => text.TryGetGuid(out _),
        "date-time" => text.TryGetDateTimeOffset(out _),
        _ => true,
    };

    private static string Start(string text) => text.Length > LongestQuote ? $"{text[..LongestQuote]}…" : text;

    /// <remarks>As readers that do not mind capitals would find it.</remarks>
    private static bool HasProperty(JsonElement value, string name) =>
        value.EnumerateObject().Any(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase));
}
