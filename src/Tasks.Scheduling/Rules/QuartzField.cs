using System.Globalization;
using System.Text.RegularExpressions;

namespace TasksBus.Rules;

/// <summary>A field of Quartz's cron expressions: what it may hold, and how it is read.</summary>
/// <remarks>Quartz (4) reads the beginning of some values and leaves the rest, as of JANX or 6LX: so their form is held against a pattern first.</remarks>
/// <param name="Name">What it is called.</param>
/// <param name="Alone">An expression in which the field stands alone.</param>
/// <param name="Holds">What it may hold, for people.</param>
/// <param name="Steps">Its largest step.</param>
/// <param name="Special">The pattern of what it may hold beside numbers, names, ranges and steps; {0} stands for a number or a name.</param>
/// <param name="Names">Where its names are.</param>
internal sealed partial record QuartzField(string Name, string Alone, string Holds, int Steps, string? Special = null, CronField? Names = null)
{
    private const string Numbers = "[0-9]+";

    private readonly Regex _value = ValueOf(Special, Names is null ? Numbers : $"(?:{Numbers}|{string.Join('|', Names.Names.Select(name => name[..3]))})");

    /// <summary>The field as Quartz reads it, with names of three letters.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what it may hold.</exception>
    public string Read(string text)
    {
        var read = Names is null ? text : Word.Replace(text, word => Shorten(word.Value));
        var alone = string.Format(null, Alone.Replace("?", text == "?" ? "1" : "?", StringComparison.Ordinal), read);
        return read.Split(',').All(value => _value.IsMatch(value) && StepOf(value) is >= 1 and var step && step <= Steps) && CronReader.FaultOf(alone) is null
            ? read
            : throw new FormatException($"{Name} is '{text}'. It may hold *, {Holds}, ranges as in 1-5, steps of 1 to {Steps} as in 0/2, and several of them after commas.");
    }

    /// <remarks>An L behind the name of a day means the last one.</remarks>
    private string Shorten(string word)
    {
        if (Names!.IndexOfName(word) >= 0)
            return word[..3];
        return word[^1] is 'L' or 'l' && Names.IndexOfName(word.AsSpan(0, word.Length - 1)) >= 0 ? word[..3] + 'L' : word;
    }

    private static int StepOf(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return 1;
        return int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : 0;
    }

    private static Regex ValueOf(string? special, string one) => new(
        $"^(?:(?:\\*|{one}(?:-{one})?)(?:/[0-9]+)?|/[0-9]+|\\?{(special is null ? "" : "|" + special.Replace("{0}", one, StringComparison.Ordinal))})$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    [GeneratedRegex("[A-Za-z]{3,}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word { get; }
}
