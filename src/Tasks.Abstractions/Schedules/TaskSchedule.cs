namespace TasksBus;

/// <summary>Runs a task, or a workflow, by the clock: which one, with which arguments and options, and when. Does not change; use <c>with</c> to make another one.</summary>
public sealed record TaskSchedule : ScheduleTiming
{
    /// <summary>A schedule of a task by its type.</summary>
    /// <param name="name">The name of the schedule, 1 to 200 characters. Another one of the same name takes its place.</param>
    /// <param name="task">The arguments of every run.</param>
    /// <param name="rule">When.</param>
    public TaskSchedule(string name, ITask task, ScheduleRule rule)
        : base(rule) => (Name, Arguments) = (name, task);

    /// <summary>A schedule of a task by its name, for callers without its types.</summary>
    /// <param name="name">The name of the schedule, 1 to 200 characters. Another one of the same name takes its place.</param>
    /// <param name="taskName">The name under which the task is registered.</param>
    /// <param name="arguments">Anything that serialises to the JSON that the handler expects; null for an empty object.</param>
    /// <param name="rule">When.</param>
    public TaskSchedule(string name, string taskName, object? arguments, ScheduleRule rule)
        : base(rule) => (Name, TaskName, Arguments) = (name, taskName, arguments);

    /// <summary>A schedule of a workflow.</summary>
    /// <param name="name">The name of the schedule, 1 to 200 characters. Another one of the same name takes its place.</param>
    /// <param name="workflow">What every occurrence starts. A relative wait in it counts from then.</param>
    /// <param name="rule">When.</param>
    public TaskSchedule(string name, Workflow workflow, ScheduleRule rule)
        : base(rule) => (Name, Workflow) = (name, workflow);

    /// <summary>The name of the schedule.</summary>
    public string Name { get; init; }

    /// <summary>The name of the task; null: as the type of the arguments is registered.</summary>
    public string? TaskName { get; init; }

    /// <summary>The arguments of every run; a <see cref="Payload"/> once they come from the store.</summary>
    public object? Arguments { get; init; }

    /// <summary>
    /// Queue, priority, expiry, headers and so on of every run. <see cref="RunOptions.RunId"/>, <see cref="RunOptions.NotBefore"/> and
    /// <see cref="RunOptions.ExpiresAt"/> belong to a single run and must be null. Default: the task's.
    /// </summary>
    public RunOptions? Options { get; init; }

    /// <summary>What every occurrence starts, in place of a run of a task. Its JSON may be as long as <see cref="TaskQueueOptions.MaxPayloadSize"/>. Default: null, a task.</summary>
    public Workflow? Workflow { get; init; }

    /// <summary>
    /// Name, timeout, headers, priority and lifetime of every workflow. <see cref="WorkflowOptions.WorkflowId"/> belongs to a single one and must be null, as must all
    /// of this for a task. Default: as for any workflow.
    /// </summary>
    public WorkflowOptions? WorkflowOptions { get; init; }
}
