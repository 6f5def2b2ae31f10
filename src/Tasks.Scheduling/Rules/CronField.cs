using System.Globalization;

namespace TasksBus.Rules;

/// <summary>A field of a crontab: which numbers it may hold, and how it is read.</summary>
internal sealed record CronField(string Name, int Min, int Max, params string[] Names)
{
    public static readonly CronField Minute = new("minute", 0, 59);

    public static readonly CronField Hour = new("hour", 0, 23);

    public static readonly CronField DayOfMonth = new("day of month", 1, 31);

    public static readonly CronField Month = new("month", 1, 12, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    public static readonly CronField DayOfWeek = new("day of week", 0, 6, "sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /// <summary>The numbers that a field names.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what it may hold.</exception>
    public SortedSet<int> Read(string field) => [.. field.Split(',').SelectMany(part => ReadPart(part, field))];

    /// <summary>What the field may hold, for people.</summary>
    public string Describe() =>
        $"It may hold *, {Min} to {Max}{(Names.Length > 0 ? $" or {Names[0]} to {Names[^1]}" : "")}, a range as in {Min}-{Min + 2}, " +
        $"a step as in */2 or {Min}-{Max}/2, and several of them after commas{(this == DayOfWeek ? "; 0 is Sunday" : "")}.";

    private IEnumerable<int> ReadPart(string part, string field)
    {
        var pieces = part.Split('/');
        if (pieces.Length > 2)
            throw Fault(field);
        var range = pieces[0] == "*" ? [.. Enumerable.Range(Min, Max - Min + 1)] : ReadRange(pieces[0], field);
        if (pieces.Length == 1)
            return range;
        if (!pieces[0].Contains('-', StringComparison.Ordinal) && pieces[0] != "*")
            throw Fault(field);
        return int.TryParse(pieces[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0
            ? range.Where((_, index) => index % step == 0)
            : throw Fault(field);
    }

    /// <remarks>A range whose end is before its start goes on over the top, as in fri-mon.</remarks>
    private List<int> ReadRange(string range, string field)
    {
        var ends = range.Split('-');
        if (ends.Length > 2)
            throw Fault(field);
        var (from, to) = (ReadNumber(ends[0], field), ReadNumber(ends[^1], field));
        return [.. from <= to ? Enumerable.Range(from, to - from + 1) : Enumerable.Range(from, Max - from + 1).Concat(Enumerable.Range(Min, to - Min + 1))];
    }

    private int ReadNumber(string text, string field)
    {
        var name = text.Length >= 3 ? Array.FindIndex(Names, known => text.StartsWith(known, StringComparison.OrdinalIgnoreCase)) : -1;
        if (name >= 0)
            return Min + name;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= Min && number <= Max ? number : throw Fault(field);
    }

    private FormatException Fault(string field) => new($"{Name} is '{field}'. {Describe()}");
}
