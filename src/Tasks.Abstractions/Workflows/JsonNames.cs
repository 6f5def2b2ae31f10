using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>What properties are called in JSON, as the options of the queue write it.</summary>
internal static class JsonNames
{
    /// <summary>Whether a value of this type may be an object in JSON, rather than a list, a text or a number; its converter may still decide otherwise.</summary>
    public static bool MayHaveProperties(Type type) =>
        !typeof(IEnumerable).IsAssignableFrom(type)
        && (type.Assembly != typeof(object).Assembly || Payload.DefaultOptions.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object);

    /// <summary>What a property of a result is called.</summary>
    /// <exception cref="InvalidWorkflowException">The JSON has no such property.</exception>
    public static string Of(Property property, JsonSerializerOptions json, string step)
    {
        if (property.Owner is null)
            return property.Name;
        return Find(property, json, step) is { Get: not null } found
            ? found.Name
            : throw new InvalidWorkflowException($"Step '{step}' takes {property.Owner.Name}.{property.Name}, which the JSON of {property.Owner.Name} leaves out. Let it be written, or take another.");
    }

    /// <summary>The property of the arguments that a value goes into.</summary>
    /// <exception cref="InvalidWorkflowException">None is read from JSON.</exception>
    public static JsonPropertyInfo Into(Property property, JsonSerializerOptions json, string step) =>
        Find(property, json, step) is { } found && (found.Set is not null || found.AssociatedParameter is not null)
            ? found
            : throw new InvalidWorkflowException(
                $"Step '{step}' gives {property.Owner!.Name}.{property.Name}, which cannot be read from the JSON of {property.Owner.Name}. Let it be set, or be a parameter of the constructor.");

    /// <summary>The name of an argument that was given as a text, once it is one.</summary>
    /// <exception cref="InvalidWorkflowException">The arguments, as far as their type is known, have none of this name.</exception>
    public static string Known(string name, Type? arguments, JsonSerializerOptions json, string step)
    {
        if (arguments is null || json.GetTypeInfo(arguments) is not { Kind: JsonTypeInfoKind.Object } type || type.Properties.Any(one => one.IsExtensionData))
            return name;
        var names = type.Properties.Select(one => one.Name).ToList();
        return names.Find(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidWorkflowException($"Step '{step}' takes a result into '{name}', but {arguments.Name} has no argument of that name.{NearMiss.For(name, names)} It has {string.Join(", ", names)}.");
    }

    private static JsonPropertyInfo? Find(Property property, JsonSerializerOptions json, string step)
    {
        var type = json.GetTypeInfo(property.Owner!);
        if (type.Kind != JsonTypeInfoKind.Object)
            throw new InvalidWorkflowException($"Step '{step}' names {property.Owner!.Name}.{property.Name}, but in JSON a {property.Owner.Name} is no object with properties. Take the whole of it.");
        return type.Properties.FirstOrDefault(one => one.AttributeProvider is MemberInfo member && string.Equals(member.Name, property.Name, StringComparison.Ordinal))
            ?? type.Properties.FirstOrDefault(one => string.Equals(one.Name, Expected(property, json), StringComparison.Ordinal));
    }

    /// <summary>The name by attribute and policy, for metadata that does not lead back to the property.</summary>
    private static string Expected(Property property, JsonSerializerOptions json) =>
        property.Owner!.GetProperty(property.Name)?.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? json.PropertyNamingPolicy?.ConvertName(property.Name)
        ?? property.Name;
}
