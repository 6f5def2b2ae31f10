using System.Globalization;
using System.Text;

using TasksBus.Workflows;

namespace TasksBus;

/// <summary>Workflows as pictures, in the language of Mermaid, which GitHub and others draw.</summary>
public static class WorkflowDiagram
{
    private static readonly Dictionary<TaskState, string> Colours = new()
    {
        [TaskState.Scheduled] = "fill:#eef,stroke:#66c,color:#000",
        [TaskState.Pending] = "fill:#eee,stroke:#888,color:#000",
        [TaskState.Running] = "fill:#cdf,stroke:#06c,color:#000",
        [TaskState.Retrying] = "fill:#fe9,stroke:#a80,color:#000",
        [TaskState.Succeeded] = "fill:#cec,stroke:#090,color:#000",
        [TaskState.Failed] = "fill:#fcc,stroke:#c00,color:#000",
        [TaskState.Revoked] = "fill:#ddd,stroke:#555,color:#000,stroke-dasharray:4",
        [TaskState.Expired] = "fill:#edd,stroke:#855,color:#000,stroke-dasharray:4",
    };

    /// <summary>A workflow before it is sent: a box for each step, with its name and task. The same workflow gives the same text.</summary>
    /// <exception cref="InvalidWorkflowException">Two steps have one name, or parts are nested too deep.</exception>
    public static string ToMermaid(this Workflow workflow)
    {
        var nodes = Layout.Of(workflow).Nodes.Skip(1).ToList();
        var text = new StringBuilder("flowchart TD\n");
        foreach (var node in nodes)
            Box(text, node.Index, node.Name!, (node.Part as CallPart)?.Task);
        foreach (var node in nodes)
        {
            foreach (var after in node.After.Where(after => after > 0))
                Arrow(text, after, node.Index, node switch { { IsForFailure: true } => "-. failure .->", { IsBeside: true } => "-. success .->", _ => "-->" });
        }

        foreach (var node in nodes.Where(node => node.Part is CallPart { Compensation: not null }))
        {
            text.Append(CultureInfo.InvariantCulture, $"    c{node.Index}[\"{Escaped(StepNames.Short(((CallPart)node.Part!).Compensation!.Task))}\"]\n");
            text.Append(CultureInfo.InvariantCulture, $"    n{node.Index} -. taken back by .-> c{node.Index}\n");
        }

        return text.ToString();
    }

    /// <summary>A workflow at one moment: a box for each step, in the colour of its state. The same snapshot gives the same text.</summary>
    public static string ToMermaid(this WorkflowSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var steps = snapshot.Steps.Where(step => step.Name != StepNames.Start).Index().ToList();
        var numbers = steps.ToDictionary(step => step.Item.Name, step => step.Index + 1, StringComparer.Ordinal);
        var text = new StringBuilder("flowchart TD\n");
        foreach (var (_, step) in steps)
            Box(text, numbers[step.Name], step.Name, step.TaskName);
        foreach (var (_, step) in steps)
        {
            foreach (var after in step.After.Where(numbers.ContainsKey))
                Arrow(text, numbers[after], numbers[step.Name], "-->");
        }

        foreach (var state in steps.GroupBy(step => step.Item.State).Where(state => Colours.ContainsKey(state.Key)).OrderBy(state => state.Key))
        {
            var name = state.Key.ToString().ToLowerInvariant();
            text.Append(CultureInfo.InvariantCulture, $"    classDef {name} {Colours[state.Key]}\n");
            text.Append(CultureInfo.InvariantCulture, $"    class {string.Join(',', state.Select(step => $"n{step.Index + 1}"))} {name}\n");
        }

        return text.ToString();
    }

    /// <remarks>A task is a box, everything else has round ends.</remarks>
    private static void Box(StringBuilder text, int number, string name, string? task)
    {
        var label = task is null || name.Contains(StepNames.Short(task), StringComparison.Ordinal) ? Escaped(name) : $"{Escaped(name)}<br/>{Escaped(StepNames.Short(task))}";
        text.Append(CultureInfo.InvariantCulture, $"    n{number}{(task is null ? $"([\"{label}\"])" : $"[\"{label}\"]")}\n");
    }

    private static void Arrow(StringBuilder text, int from, int to, string arrow) =>
        text.Append(CultureInfo.InvariantCulture, $"    n{from} {arrow} n{to}\n");

    /// <summary>A label between quotes, in which everything that Mermaid might read as something else is written by its number.</summary>
    private static string Escaped(string label)
    {
        var text = new StringBuilder(label.Length);
        foreach (var rune in label.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '-' or '_' or '.' or ',' or '/')
                text.Append(rune);
            else
                text.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }

        return text.ToString();
    }
}
