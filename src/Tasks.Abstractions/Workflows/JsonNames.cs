using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace TasksBus.Workflows;

/// <summary>What properties are called in JSON, as the options of the queue write it.</summary>
internal static class JsonNames
{
    /// <summary>Whether a value of this type may be an object in JSON, rather than a list, a text or a number; its converter may still decide otherwise.</summary>
    public static bool MayHaveProperties(Type type) =>
        !typeof(IEnumerable).IsAssignableFrom(type)
        && (type.Assembly != typeof(object).Assembly || Payload.DefaultOptions.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object);

    /// <exception cref="InvalidWorkflowException">The JSON has no such property.</exception>
    public static string NameOf(Property property, JsonSerializerOptions json, string step) => property.Owner is null ? property.Name : Find(property, json, step).Name;

    /// <exception cref="InvalidWorkflowException">The JSON has no such property.</exception>
    public static JsonPropertyInfo Find(Property property, JsonSerializerOptions json, string step)
    {
        var type = json.GetTypeInfo(property.Owner!);
        if (type.Kind != JsonTypeInfoKind.Object)
            throw new InvalidWorkflowException($"Step '{step}' names {property.Owner!.Name}.{property.Name}, but in JSON a {property.Owner.Name} is no object with properties. Take the whole of it.");
        return type.Properties.FirstOrDefault(one => one.AttributeProvider is MemberInfo member && string.Equals(member.Name, property.Name, StringComparison.Ordinal))
            ?? type.Properties.FirstOrDefault(one => string.Equals(one.Name, Expected(property, json), StringComparison.Ordinal))
            ?? throw new InvalidWorkflowException($"Step '{step}' names {property.Owner!.Name}.{property.Name}, which the JSON of {property.Owner.Name} leaves out. Let it be written, or name another.");
    }

    /// <summary>The name by attribute and policy, for metadata that does not lead back to the property.</summary>
    private static string Expected(Property property, JsonSerializerOptions json) =>
        property.Owner!.GetProperty(property.Name)?.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? json.PropertyNamingPolicy?.ConvertName(property.Name)
        ?? property.Name;
}
