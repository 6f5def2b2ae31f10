using System.ComponentModel.DataAnnotations;

namespace TasksBus.Configuration;

/// <summary>Holds options against the ranges written on them.</summary>
internal static class OptionsCheck
{
    /// <exception cref="TaskQueueConfigurationException">An option is out of its range.</exception>
    public static void Validate(object options, string owner)
    {
        if (Fault(options) is { } fault)
            throw new TaskQueueConfigurationException($"{owner}: {fault}");
    }

    /// <summary>What is wrong with the options; null if nothing is.</summary>
    public static string? Fault(object options)
    {
        var faults = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
            return null;

        var fault = faults[0];
        var name = fault.MemberNames.First();
        var value = options.GetType().GetProperty(name)?.GetValue(options);
        return $"{options.GetType().Name}.{name} is '{value}'. {fault.ErrorMessage}";
    }
}
