namespace TasksBus.Schedules;

/// <summary>The run that a schedule makes.</summary>
internal sealed record ScheduledRun(string TaskName, Payload Arguments, RunOptions? Options)
{
    /// <summary>As in <see cref="ScheduledAction.Kind"/>.</summary>
    public const string Kind = "run";

    /// <summary>What is to be kept of a schedule of a task.</summary>
    /// <exception cref="ArgumentException">It does not say what to run, or its arguments or options cannot be.</exception>
    public static ScheduledAction Of(TaskSchedule schedule, ScheduledCalls calls)
    {
        if (schedule.WorkflowOptions is not null)
            throw new ArgumentException($"Schedule '{schedule.Name}' has {nameof(TaskSchedule.WorkflowOptions)}, but runs a task. Give it {nameof(TaskSchedule.Options)}, or a workflow.", nameof(schedule));
        var taskName = schedule.TaskName ?? NameOf(schedule, calls);
        var arguments = calls.Check(schedule.Name, taskName, schedule.Arguments, schedule.Options);
        return new ScheduledAction(Kind, Payload.From(new ScheduledRun(taskName, arguments, schedule.Options)));
    }

    /// <summary>The schedule again.</summary>
    public TaskSchedule ToSchedule(string name, ScheduleRule rule) => new(name, TaskName, Arguments, rule) { Options = Options };

    private static string NameOf(TaskSchedule schedule, ScheduledCalls calls) => schedule.Arguments is ITask task
        ? calls.Catalogue.NameOf(task.GetType())
        : throw new ArgumentException($"Schedule '{schedule.Name}' does not say what to run. Give it the arguments of a task, the name of one, or a workflow.", nameof(schedule));
}
