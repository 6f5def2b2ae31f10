using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace TasksBus;

/// <summary>So many in a time.</summary>
/// <param name="Count">How many; 1 to 1,000,000.</param>
/// <param name="Period">In which time: a second, a minute, an hour or a day.</param>
public sealed record RateLimit(int Count, TimeSpan Period)
{
    private const int Most = 1_000_000;

    private static readonly (string Name, TimeSpan Period)[] Units =
        [("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1))];

    /// <summary>The time between two of them, when they are evenly spread.</summary>
    public TimeSpan Interval => Period / Count;

    /// <summary>Reads a rate, as in <c>10/s</c>, <c>100/m</c>, <c>2/h</c> or <c>5/d</c>.</summary>
    /// <exception cref="FormatException">It is no rate.</exception>
    public static RateLimit Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        var unit = Array.Find(Units, unit => parts.Length == 2 && string.Equals(unit.Name, parts[1].Trim(), StringComparison.Ordinal));
        return unit.Name is not null && int.TryParse(parts[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Most
            ? new RateLimit(count, unit.Period)
            : throw new FormatException($"'{text}' is no rate. Write 1 to {Most:N0}, a slash and s, m, h or d: 10/s, 100/m, 2/h. To let nothing start, pause the queue.");
    }

    /// <summary>Whether a text is a rate, for options.</summary>
    public static ValidationResult? Check(string? text, ValidationContext context)
    {
        try
        {
            _ = text is null ? null : Parse(text);
            return ValidationResult.Success;
        }
        catch (FormatException exception)
        {
            return new ValidationResult(exception.Message, [context?.MemberName ?? nameof(LimitOptions.Rate)]);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Count}/{Units.First(unit => unit.Period == Period).Name}";
}
