using System.Globalization;

using TasksBus.Rules;
using TasksBus.Tests.Examples;

namespace TasksBus.Tests.Schedules;

/// <summary>What other programs say of rules, see the scripts beside the files.</summary>
internal static class RuleData
{
    public static IEnumerable<string[]> Read(string file) =>
        File.ReadLines(Path.Combine(Repository.Root, "test", "Tasks.Tests", "Schedules", "Data", file)).Select(line => line.Split('\t'));

    public static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The next instants of a timing after one, at which it was put.</summary>
    public static IReadOnlyList<DateTimeOffset> Next(ScheduleTiming timing, string after, int count) =>
        [.. new Timetable(timing, Instant(after)).After(Instant(after)).Take(count)];

    /// <summary>Whether these are so many instants of an interval, none of them left out or twice there.</summary>
    public static bool FollowEachOther(this IEnumerable<DateTimeOffset> instants, TimeSpan interval, int atLeast)
    {
        var all = instants.Order().ToList();
        return all.Count >= atLeast && all.Zip(all.Skip(1)).All(pair => pair.Second - pair.First == interval);
    }

    /// <summary>The same as texts in UTC.</summary>
    public static string Texts(ScheduleTiming timing, string after, int count) =>
        string.Join(' ', Next(timing, after, count).Select(instant => instant.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)));
}
