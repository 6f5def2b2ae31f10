using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace TasksBus.Queues;

/// <summary>Which queue a task belongs to that names none.</summary>
internal static partial class QueueRules
{
    /// <summary>The queue of a task that names none.</summary>
    public static string QueueFor(string taskName, TaskQueueOptions options) => RouteFor(taskName, options) ?? options.DefaultQueue;

    /// <summary>What the first route that fits says, or else the router; null if nobody says anything.</summary>
    public static string? RouteFor(string taskName, TaskQueueOptions options) =>
        options.Routes.FirstOrDefault(route => FileSystemName.MatchesSimpleExpression(route.Task, taskName, ignoreCase: false))?.Queue ?? options.Router?.Invoke(taskName);

    /// <summary>What is wrong with the name of a queue; null if nothing is.</summary>
    public static string? Fault(string queue) =>
        Name.IsMatch(queue) ? null : $"'{queue}' is no name of a queue. Give 1 to 200 letters, digits, '.', '-', '_' and ':'.";

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,200}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name { get; }
}
