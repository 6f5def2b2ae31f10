namespace TasksBus.Workflows;

/// <summary>Gives every node a name, once in the workflow: its own, or that of its task, with a number if there are several.</summary>
internal static class StepNames
{
    /// <summary>The name of the first node of every plan.</summary>
    public const string Start = "start";

    /// <param name="nodes">The nodes; the first is the start, and named.</param>
    /// <param name="titles">The names of what has steps but is no node itself.</param>
    /// <exception cref="InvalidWorkflowException">A name was given twice.</exception>
    public static void Settle(IReadOnlyList<Draft> nodes, IEnumerable<(string Name, Place Place)> titles)
    {
        var taken = new Dictionary<string, Place>(nodes.Count, StringComparer.Ordinal);
        foreach (var (name, place) in nodes.Where(node => node.Name is not null).Select(node => (node.Name!, node.Place)).Concat(titles))
        {
            if (!taken.TryAdd(name, place))
                throw Twice(name, taken[name], place);
        }

        var nameless = nodes.Where(node => node.Name is null).ToList();
        var kinds = nameless.CountBy(node => node.Prefix + node.Kind, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nameless)
        {
            var kind = node.Prefix + node.Kind;
            node.Name = kinds[kind] == 1 ? kind : Numbered(kind);
            while (!taken.TryAdd(node.Name, node.Place))
                node.Name = Numbered(kind);
        }

        string Numbered(string kind) => $"{kind}-{numbers[kind] = numbers.GetValueOrDefault(kind) + 1}";
    }

    /// <summary>The name of a task without its namespace.</summary>
    public static string Short(string task)
    {
        var name = task.Split('<', 2)[0].TrimEnd('.');
        return name.Length == 0 ? task : name[(name.LastIndexOf('.') + 1)..];
    }

    private static InvalidWorkflowException Twice(string name, Place first, Place second) =>
        first == Place.Whole && name == Start
            ? new($"The name '{name}' is given to {second}, but it is that of the beginning of every workflow. Give another.")
            : new($"The name '{name}' is given twice: to {first}, and to {second}. Give each a name of its own.");
}
