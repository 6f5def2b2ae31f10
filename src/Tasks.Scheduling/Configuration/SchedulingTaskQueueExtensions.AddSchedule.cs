using TasksBus;
using TasksBus.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Schedules in code.</content>
public static partial class SchedulingTaskQueueExtensions
{
    /// <summary>
    /// Runs a task again and again after the same time. The schedule is put when the host starts, unless it was put by the same declaration before: what was
    /// said of it at run time stays.
    /// </summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="name">The name of the schedule, 1 to 200 characters.</param>
    /// <param name="task">The arguments of every run.</param>
    /// <param name="every">As for <see cref="ScheduleRule.Every"/>.</param>
    /// <param name="configure">More of its timing, and options of its runs, as in <c>schedule => schedule with { TimeZone = "Europe/Berlin" }</c>.</param>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, string name, ITask task, TimeSpan every, Func<TaskSchedule, TaskSchedule>? configure = null) =>
        queue.AddSchedule(name, task, ScheduleRule.Every(every), configure);

    /// <summary>Runs a task by a cron expression.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="name">The name of the schedule, 1 to 200 characters.</param>
    /// <param name="task">The arguments of every run.</param>
    /// <param name="cron">As for <see cref="ScheduleRule.Cron"/>.</param>
    /// <param name="configure">More of its timing, and options of its runs.</param>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, string name, ITask task, string cron, Func<TaskSchedule, TaskSchedule>? configure = null) =>
        queue.AddSchedule(name, task, ScheduleRule.Cron(cron), configure);

    /// <summary>Runs a task by any rule.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="name">The name of the schedule, 1 to 200 characters.</param>
    /// <param name="task">The arguments of every run.</param>
    /// <param name="rule">When.</param>
    /// <param name="configure">More of its timing, and options of its runs.</param>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, string name, ITask task, ScheduleRule rule, Func<TaskSchedule, TaskSchedule>? configure = null)
    {
        var schedule = new TaskSchedule(name, task, rule);
        return queue.AddSchedule(configure?.Invoke(schedule) ?? schedule);
    }

    /// <summary>Starts a workflow again and again after the same time.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="name">The name of the schedule, 1 to 200 characters.</param>
    /// <param name="workflow">What every occurrence starts.</param>
    /// <param name="every">As for <see cref="ScheduleRule.Every"/>.</param>
    /// <param name="configure">More of its timing, and options of its workflows.</param>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, string name, Workflow workflow, TimeSpan every, Func<TaskSchedule, TaskSchedule>? configure = null) =>
        queue.AddSchedule(name, workflow, ScheduleRule.Every(every), configure);

    /// <summary>Starts a workflow by a cron expression.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="name">The name of the schedule, 1 to 200 characters.</param>
    /// <param name="workflow">What every occurrence starts.</param>
    /// <param name="cron">As for <see cref="ScheduleRule.Cron"/>.</param>
    /// <param name="configure">More of its timing, and options of its workflows.</param>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, string name, Workflow workflow, string cron, Func<TaskSchedule, TaskSchedule>? configure = null) =>
        queue.AddSchedule(name, workflow, ScheduleRule.Cron(cron), configure);

    /// <summary>Starts a workflow by any rule.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="name">The name of the schedule, 1 to 200 characters.</param>
    /// <param name="workflow">What every occurrence starts.</param>
    /// <param name="rule">When.</param>
    /// <param name="configure">More of its timing, and options of its workflows.</param>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, string name, Workflow workflow, ScheduleRule rule, Func<TaskSchedule, TaskSchedule>? configure = null)
    {
        var schedule = new TaskSchedule(name, workflow, rule);
        return queue.AddSchedule(configure?.Invoke(schedule) ?? schedule);
    }

    /// <summary>Adds a schedule.</summary>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, TaskSchedule schedule)
    {
        DeclarationsOf(queue).Add(schedule);
        return queue;
    }
}
