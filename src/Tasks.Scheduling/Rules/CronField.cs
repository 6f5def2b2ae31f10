using System.Globalization;

namespace TasksBus.Rules;

/// <summary>A field of a crontab: which numbers it may hold, and how it is read.</summary>
internal sealed record CronField(string Name, int Min, int Max, params string[] Names)
{
    public static readonly CronField Minute = new("minute", 0, 59);

    public static readonly CronField Hour = new("hour", 0, 23);

    public static readonly CronField DayOfMonth = new("day of month", 1, 31);

    public static readonly CronField Month = new("month", 1, 12, "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december");

    public static readonly CronField DayOfWeek = new("day of week", 0, 6, "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday");

    private const int ShortName = 3;

    /// <summary>The numbers that a field names.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what it may hold.</exception>
    public SortedSet<int> Read(string field) => [.. field.Split(',').SelectMany(part => ReadPart(part, field))];

    /// <summary>What the field may hold, for people.</summary>
    public string Describe() =>
        $"It may hold *, {Min} to {Max}{(Names.Length > 0 ? $" or {Names[0][..ShortName]} to {Names[^1][..ShortName]}, also in full" : "")}, a range as in {Min}-{Min + 2}, " +
        $"a step of 1 to {Count} as in */2 or {Min}-{Max}/2, and several of them after commas{(this == DayOfWeek ? "; 0 is Sunday" : "")}.";

    /// <summary>Which of the names a word is, by its first three letters or all of them; -1: none.</summary>
    public int IndexOfName(ReadOnlySpan<char> word)
    {
        for (var index = 0; index < Names.Length; index++)
        {
            if (word.Equals(Names[index], StringComparison.OrdinalIgnoreCase) || word.Equals(Names[index].AsSpan(0, ShortName), StringComparison.OrdinalIgnoreCase))
                return index;
        }

        return -1;
    }

    private int Count => Max - Min + 1;

    private IEnumerable<int> ReadPart(string part, string field)
    {
        var pieces = part.Split('/');
        if (pieces.Length > 2)
            throw Fault(field);
        var range = pieces[0] == "*" ? [.. Enumerable.Range(Min, Count)] : ReadRange(pieces[0], field);
        if (pieces.Length == 1)
            return range;
        if (!pieces[0].Contains('-', StringComparison.Ordinal) && pieces[0] != "*")
            throw Fault(field);
        return int.TryParse(pieces[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0 && step <= Count
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
        if (IndexOfName(text) is >= 0 and var name)
            return Min + name;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= Min && number <= Max ? number : throw Fault(field);
    }

    private FormatException Fault(string field) => new($"{Name} is '{field}'. {Describe()}");
}
