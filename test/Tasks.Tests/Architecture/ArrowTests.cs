using System.Text.RegularExpressions;
using System.Xml.Linq;

using TasksBus.Tests.Examples;

namespace TasksBus.Tests.Architecture;

/// <summary>Projects and rooms know only what the arrows of the map, src/README.md, allow.</summary>
public sealed partial class ArrowTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");

    /// <summary>Every arrow of the map: between projects by their short names, between rooms by theirs.</summary>
    private static readonly HashSet<(string From, string To)> Map = ReadMap();

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Source).Select(folder => Path.GetFileName(folder)!)];

    public static TheoryData<string, string> Rooms
    {
        get
        {
            var rooms = new TheoryData<string, string>();
            foreach (var project in (string[])["Tasks.MassTransit", "Tasks.Scheduling"])
            {
                foreach (var room in Directory.GetDirectories(Path.Combine(Source, project)).Select(folder => Path.GetFileName(folder)).Where(name => char.IsUpper(name[0])))
                    rooms.Add(project, room);
            }

            return rooms;
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_those_that_the_map_allows(string project)
    {
        var references = XDocument.Load(Path.Combine(Source, project, project + ".csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

        Assert.All(references, reference => Assert.True(IsAllowed(OnTheMap(project), OnTheMap(reference)), $"The map has no arrow from {project} to {reference}."));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_those_that_the_map_allows(string project, string room)
    {
        // What stands in these everybody may use, as the map says under its picture.
        string[] everywhere = [room, "Configuration", "Client"];
        var used = Directory.GetFiles(Path.Combine(Source, project, room), "*.cs")
            .SelectMany(File.ReadLines)
            .Select(line => Using.Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups["room"].Value)
            .Except(everywhere, StringComparer.Ordinal);

        Assert.All(used, other => Assert.True(IsAllowed(room, other), $"The map has no arrow from room {room} to room {other}."));
    }

    /// <remarks>Of Tracking, Limits and Workflows, what stores sees only the ports, which stand in Abstractions.</remarks>
    private static bool IsAllowed(string from, string to) => Map.Contains((from, to)) || (from == "InMemory" && to is "Tracking" or "Limits" or "Workflows");

    private static string OnTheMap(string project) => project == "Tasks.MassTransit" ? "Engine" : project["Tasks.".Length..];

    private static HashSet<(string From, string To)> ReadMap() =>
        [.. File.ReadLines(Path.Combine(Source, "README.md"))
            .Select(line => Arrow.Match(line))
            .Where(match => match.Success)
            .SelectMany(match => match.Groups["to"].Value.Split('&', StringSplitOptions.TrimEntries).Select(to => (match.Groups["from"].Value, to)))];

    [GeneratedRegex(@"^\s+(?<from>\w+) --> (?<to>[\w &]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Arrow { get; }

    [GeneratedRegex(@"^using TasksBus\.(?<room>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Using { get; }
}
