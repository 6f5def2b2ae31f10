using System.ComponentModel;
using System.Globalization;

using Microsoft.Extensions.Configuration;

namespace TasksBus.Configuration;

/// <summary>Refuses texts of the configuration that .NET's binder would not read, or would read as something else than was meant.</summary>
internal static class ConfiguredValue
{
    /// <exception cref="TaskQueueConfigurationException">The entry has a value that cannot become one of <paramref name="type"/>.</exception>
    public static void Check(IConfigurationSection entry, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var converter = TypeDescriptor.GetConverter(type);
        var isValue = converter.CanConvertFrom(typeof(string));
        if (isValue && entry.GetChildren().Any())
            throw new TaskQueueConfigurationException($"The configuration entry '{entry.Path}' is a section, where one value stands. Write it as a text; if it is JSON itself, as the text of that.");
        if (entry.Value is not { Length: > 0 } value)
            return;
        if (!isValue)
            throw new TaskQueueConfigurationException($"The configuration entry '{entry.Path}' is '{value}', where {PlaceOf(type)}.");
        if (type == typeof(TimeSpan))
            RefuseDays(entry);
        try
        {
            converter.ConvertFromInvariantString(value);
        }
        // Converters of numbers put what they catch into a bare Exception.
        catch (Exception exception)
        {
            throw new TaskQueueConfigurationException($"The configuration entry '{entry.Path}' is '{value}', which is no {FormOf(type)}.", exception);
        }
    }

    /// <remarks>Hardly anybody who writes a number alone where a time is meant means days.</remarks>
    private static void RefuseDays(IConfigurationSection entry)
    {
        if (!int.TryParse(entry.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number == 0)
            return;
        throw new TaskQueueConfigurationException(
            $"The configuration entry '{entry.Path}' is '{entry.Value}', which .NET reads as {number} days. Write {TimeSpan.FromSeconds(number)} for {number} seconds, {number}.00:00:00 for {number} days.");
    }

    private static string PlaceOf(Type type) => type switch
    {
        _ when typeof(Delegate).IsAssignableFrom(type) => "a function stands. Set it in code",
        _ when type.IsAssignableTo(typeof(System.Collections.IEnumerable)) || type.IsGenericType => "several stand. Write a section with an entry for each, in JSON an array, or an object if they have names",
        _ => $"a section stands.{Entries(type)}",
    };

    private static string Entries(Type type) =>
        type.GetProperties().Select(property => property.Name).ToList() is { Count: > 0 } names ? $" It may hold {string.Join(", ", names)}" : " See what may stand in it";

    private static string FormOf(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => "time. Write 00:00:30 for 30 seconds, 1.00:00:00 for a day",
        _ when type == typeof(DateTimeOffset) => "instant. Write it as 2030-01-31T08:00:00Z",
        _ when type == typeof(bool) => "truth value. Write true or false",
        _ when type == typeof(int) || type == typeof(long) => "whole number of its range. Write digits alone",
        { IsEnum: true } => $"{type.Name}. Write one of {string.Join(", ", Enum.GetNames(type))}",
        _ => type.Name,
    };
}
