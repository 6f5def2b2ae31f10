using System.Globalization;
using System.Text.Json;

using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

public sealed record Page(string Text, Author Author, IReadOnlyList<string> Links, int Size, int? Rank = null);

public sealed record Author(string Name);

/// <summary>Gives a page.</summary>
public sealed record Fetch(string Url) : ITask<Page>;

/// <summary>Gives the text of a page.</summary>
public sealed record Extract(Page Page, string Language) : ITask<string>;

/// <summary>Gives how many words there are.</summary>
public sealed record Count(string Text, long Limit = 0) : ITask<int>;

/// <summary>Gives the sum.</summary>
public sealed record Sum(IReadOnlyList<int> Numbers) : ITask<int>;

/// <summary>Gives two texts as one.</summary>
public sealed record Merge(string Left, string Right) : ITask<string>;

/// <summary>Tells somebody, without a result.</summary>
public sealed record Notify(string Text) : ITask;

/// <summary>Tells somebody of a failure.</summary>
public sealed record Alert(string Step, TaskError? Error) : ITask;

/// <summary>Gives what is to be done next.</summary>
public sealed record Decide : ITask<Notify>;

/// <summary>How plans look in tests.</summary>
internal static class PlanText
{
    public static WorkflowPlan Plan(this Workflow workflow, JsonSerializerOptions? json = null) =>
        WorkflowPlanner.Plan(workflow, json ?? Payload.DefaultOptions);

    /// <summary>A line for each node but the start: its number and name, its arguments, what it takes, and what it waits for.</summary>
    public static string[] Lines(this WorkflowPlan plan) => [.. plan.Nodes.Skip(1).Select(Line)];

    public static string[] Lines(this Workflow workflow) => workflow.Plan().Lines();

    public static string Line(this WorkflowNode node)
    {
        var what = node switch
        {
            { Call: { } call } => $" {Text(call)}",
            { IsEmpty: true } => " joins nothing",
            { Kind: NodeKind.Join } => " joins",
            _ => "",
        };
        var taken = node.Compensation is { } compensation ? $" taken back by {Text(compensation)}" : "";
        return $"{node.Index} {node.Name}{what}{taken} after {string.Join(',', node.After)}{(node.IsForFailure ? " failed" : "")}{(node.Within.Count > 0 ? $" in {string.Join(',', node.Within)}" : "")}";
    }

    private static string Text(NodeCall call) =>
        $"{call.TaskName.Split('.')[^1]}{call.Arguments}{string.Concat(call.Inputs.Select(input => $" {input.Into ?? "all"}={string.Join('.', input.Path.Prepend(input.From.ToString(CultureInfo.InvariantCulture)))}"))}";
}
