using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace TasksBus.Configuration;

/// <summary>Holds options, and the options within them, against the rules written on them.</summary>
internal static class OptionsCheck
{
    /// <exception cref="TaskQueueConfigurationException">An option breaks its rule.</exception>
    public static void Validate(object options, string owner)
    {
        if (Fault(options) is { } fault)
            throw new TaskQueueConfigurationException($"{owner}: {fault}");
    }

    /// <summary>What is wrong with the options, and the way out; null if nothing is.</summary>
    public static string? Fault(object options) => Fault(options, options.GetType().Name);

    private static string? Fault(object options, string path)
    {
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
        {
            var property = options.GetType().GetProperty(faults[0].MemberNames.First())!;
            var value = property.GetValue(options);
            return $"{path}.{property.Name} is '{value}'. {WayOut(property, value) ?? faults[0].ErrorMessage}";
        }

        return options.GetType().GetProperties()
            .Where(property => property.PropertyType.IsClass && property.PropertyType.Assembly == typeof(TaskOptions).Assembly)
            .Select(property => Fault(property.GetValue(options)!, $"{path}.{property.Name}"))
            .FirstOrDefault(fault => fault is not null);
    }

    /// <summary>What to give instead, where the rule does not say it itself.</summary>
    private static string? WayOut(PropertyInfo property, object? value) =>
        property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => rule.ErrorMessage is null && rule is not CustomValidationAttribute && !rule.IsValid(value)) switch
        {
            RangeAttribute { Maximum: int.MaxValue or (double)long.MaxValue } range => $"Give {Text(range.Minimum)} or more.",
            RangeAttribute range => $"Give {Text(range.Minimum)} to {Text(range.Maximum)}.",
            StringLengthAttribute length => $"Give {length.MinimumLength} to {length.MaximumLength} characters.",
            RequiredAttribute => "Give one.",
            EnumDataTypeAttribute names => $"Give {string.Join(", ", Enum.GetNames(names.EnumType))}.",
            _ => null,
        };

    private static string Text(object bound) => bound is TimeSpan ? $"{bound}" : string.Format(CultureInfo.InvariantCulture, "{0:N0}", bound);
}
