using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Puts the steps of a graph in an order in which each stands after all that it waits for, and refuses those of which there is none.</summary>
internal static class GraphOrder
{
    /// <exception cref="InvalidWorkflowException">There are no steps, or they cannot all be run.</exception>
    public static IReadOnlyList<WorkflowStep> Of(IReadOnlyList<WorkflowStep> steps)
    {
        if (steps.Count == 0)
            throw new InvalidWorkflowException("A graph is given no steps. Give it at least one.");
        var byName = new Dictionary<string, WorkflowStep>(steps.Count, StringComparer.Ordinal);
        foreach (var (index, step) in steps.Index())
        {
            if (!byName.TryAdd(step.Name, step))
                throw new InvalidWorkflowException($"Steps {steps.Index().First(one => one.Item.Name == step.Name).Index + 1} and {index + 1} of the graph are both called '{step.Name}'. Give each a name of its own.");
        }

        foreach (var step in steps)
        {
            foreach (var after in step.After)
                _ = Known(byName, after, $"Step '{step.Name}' waits for '{after}'");
            foreach (var (source, type) in step.Sources)
                Check(byName[source], type, $"Step '{step.Name}' takes the result of '{source}', which");
        }

        return Sorted(steps, byName);
    }

    /// <exception cref="InvalidWorkflowException">There is no such step, or its result does not fit the type.</exception>
    public static void Check(IReadOnlyList<WorkflowStep> steps, string name, Type type, string what) =>
        Check(Known(steps.ToDictionary(step => step.Name, StringComparer.Ordinal), name, $"{what} is that of '{name}'"), type, $"{what} is that of '{name}', which");

    private static WorkflowStep Known(Dictionary<string, WorkflowStep> byName, string name, string what) =>
        byName.GetValueOrDefault(name)
        ?? throw new InvalidWorkflowException($"{what}, but the graph has no such step.{NearMiss.For(name, byName.Keys)} Its steps: '{string.Join("', '", byName.Keys)}'.");

    private static void Check(WorkflowStep step, Type type, string what)
    {
        if (step.Work.ResultType is { } result && !Conversions.Fits(result, type))
            throw new InvalidWorkflowException($"{what} gives {result.Name}, but {type.Name} is taken. Take {result.Name}.");
        if (!step.Work.HasResult)
            throw new InvalidWorkflowException($"{what} gives no result, but {type.Name} is taken. Wait for it alone, by 'after'.");
    }

    /// <summary>Depth first, without recursion: a graph may be as deep as it has steps.</summary>
    private static List<WorkflowStep> Sorted(IReadOnlyList<WorkflowStep> steps, Dictionary<string, WorkflowStep> byName)
    {
        var sorted = new List<WorkflowStep>(steps.Count);
        var done = new HashSet<WorkflowStep>(ReferenceEqualityComparer.Instance);
        var entered = new HashSet<WorkflowStep>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(WorkflowStep Step, int Next)>();
        foreach (var first in steps)
        {
            open.Push((first, 0));
            while (open.TryPop(out var at))
            {
                if (done.Contains(at.Step))
                    continue;
                entered.Add(at.Step);
                if (at.Next == at.Step.After.Count)
                {
                    done.Add(at.Step);
                    sorted.Add(at.Step);
                    continue;
                }

                var before = byName[at.Step.After[at.Next]];
                open.Push((at.Step, at.Next + 1));
                if (entered.Contains(before) && !done.Contains(before))
                    throw Cycle(open, before);
                open.Push((before, 0));
            }
        }

        return sorted;
    }

    private static InvalidWorkflowException Cycle(Stack<(WorkflowStep Step, int Next)> open, WorkflowStep again)
    {
        var names = open.Select(one => one.Step).TakeWhile(step => step != again).Append(again).Select(step => step.Name).ToList();
        return new($"The steps of the graph wait for each other in a circle: '{string.Join("' waits for '", names.AsEnumerable().Reverse().Append(again.Name))}'. Let one of them begin first.");
    }
}
