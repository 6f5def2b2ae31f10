using Microsoft.Extensions.Configuration;

namespace TasksBus.Configuration;

/// <summary>Reads options from the configuration, and refuses what .NET's binder would pass over or read as something else.</summary>
internal static class OptionsBinding
{
    /// <summary>The section of the options of tasks, each under the name of its task.</summary>
    public const string TasksSection = "Tasks";

    /// <param name="section">The section.</param>
    /// <param name="options">The options.</param>
    /// <param name="others">What else stands in the section, and is read by somebody else.</param>
    /// <exception cref="TaskQueueConfigurationException">An entry is no option, or cannot be its value.</exception>
    public static void Bind(IConfiguration section, object options, params IEnumerable<string> others)
    {
        Check(section, options.GetType(), others);
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            throw new TaskQueueConfigurationException($"{options.GetType().Name} cannot be read from the configuration: {exception.Message}", exception);
        }
    }

    private static void Check(IConfiguration section, Type options, params IEnumerable<string> others)
    {
        var properties = options.GetProperties().ToDictionary(property => property.Name, property => property.PropertyType, StringComparer.OrdinalIgnoreCase);
        foreach (var other in others)
            properties.Add(other, typeof(object));

        foreach (var entry in section.GetChildren())
        {
            if (!properties.TryGetValue(entry.Key, out var type))
            {
                throw new TaskQueueConfigurationException(
                    $"The configuration entry '{entry.Path}' is no option of {options.Name}.{NearMiss.For(entry.Key, properties.Keys)} Correct its name or remove it.");
            }

            ConfiguredValue.Check(entry, type);
            if (type.IsClass && type.Assembly == typeof(TaskOptions).Assembly)
                Check(entry, type);
            if (type == typeof(IDictionary<string, QueueOptions>))
            {
                foreach (var queue in entry.GetChildren())
                    Check(queue, typeof(QueueOptions));
            }
        }
    }
}
