namespace TasksBus.Workflows;

/// <summary>A run.</summary>
/// <param name="ArgumentsType">The type of the arguments; null if only the name of the task is known.</param>
/// <param name="TaskName">The name of the task, where the type does not give it.</param>
/// <param name="Arguments">An instance of the type, <see cref="PartialArguments"/>, a <see cref="Payload"/>, null for an empty object or, of many, a list of them.</param>
internal sealed record CallPart(Type? ArgumentsType, string? TaskName, object? Arguments) : Part
{
    /// <summary>Whether one run works through a list of arguments.</summary>
    public bool IsMany { get; init; }

    public RunOptions? Options { get; init; }

    /// <summary>The arguments that come from steps before.</summary>
    public IReadOnlyList<Binding> Inputs { get; init; } = [];

    public CallPart? Compensation { get; init; }

    public string Task => TaskName ?? TasksBus.TaskName.Of(ArgumentsType!);

    /// <summary>What the arguments say of the result; null if nothing, or if they say that there is none. Of many, what is declared alone says it.</summary>
    public Type? ResultType => IsMany
        ? null
        : ArgumentsType?.GetInterfaces().FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ITask<>))?.GetGenericArguments()[0];

    public static CallPart Of(ITask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new CallPart(task.GetType(), null, task);
    }

    public static CallPart Of(string taskName, object? arguments)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskName);
        return new CallPart(null, taskName, arguments);
    }

    /// <summary>One run for all of the tasks, of which there is at least one.</summary>
    public static CallPart OfMany(IReadOnlyList<ITask> tasks, RunOptions? options)
    {
        var type = tasks[0].GetType();
        return tasks.FirstOrDefault(task => task.GetType() != type) is { } other
            ? throw new InvalidWorkflowException(
                $"A map makes both {type.Name} and {other.GetType().Name} of its items, but it is one run of one task. Make the same of all, or use {nameof(Workflow.Group)}.")
            : new CallPart(type, null, tasks) { IsMany = true, Options = options };
    }

    public CallPart CompensatedBy(Workflow compensation)
    {
        ArgumentNullException.ThrowIfNull(compensation);
        return compensation is { Part: CallPart { Compensation: null } call, Sides.Count: 0 }
            ? this with { Compensation = call }
            : throw new InvalidWorkflowException(
                $"'{Task}' is compensated by '{compensation}', which is more than one call. Give a single call, without others beside it; its handler can start a workflow.");
    }

    /// <summary>The same with the result before it as one of its arguments.</summary>
    public CallPart Taking(Property into) =>
        into.Owner is null || ArgumentsType is null || into.Owner.IsAssignableFrom(ArgumentsType)
            ? this with { Inputs = [.. Inputs, new Binding(0, [], into)] }
            : throw new InvalidWorkflowException($"'{Task}' takes a result into {into.Owner.Name}.{into.Name}, but its arguments are {ArgumentsType.Name}. Name a property of {ArgumentsType.Name}.");
}
