using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

using TasksBus;
using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Nodes;
using TasksBus.Occurrences;
using TasksBus.Schedules;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds schedules to a task queue.</summary>
public static class SchedulingTaskQueueExtensions
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

    /// <summary>Adds a schedule.</summary>
    /// <inheritdoc cref="AddSchedule(ITaskQueueBuilder, string, ITask, TimeSpan, Func{TaskSchedule, TaskSchedule}?)"/>
    public static ITaskQueueBuilder AddSchedule(this ITaskQueueBuilder queue, TaskSchedule schedule)
    {
        DeclarationsOf(queue).Add(schedule);
        return queue;
    }

    /// <summary>
    /// Takes part in schedules: reads those of the configuration, in the section <c>Schedules</c> of the task queue's, gives the application
    /// <see cref="ITaskSchedules"/>, and makes this process a scheduler node, unless the options say otherwise. <c>AddSchedule</c> does that, too.
    /// </summary>
    public static ITaskQueueBuilder UseScheduling(this ITaskQueueBuilder queue, Action<SchedulingOptions>? configure = null)
    {
        var declarations = DeclarationsOf(queue);
        if (configure is not null)
            declarations.Configure(configure);
        return queue;
    }

    private static ScheduleDeclarations DeclarationsOf(ITaskQueueBuilder queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (queue.Services.FirstOrDefault(service => service.ServiceType == typeof(ScheduleDeclarations))?.ImplementationInstance is ScheduleDeclarations known)
            return known;

        var declarations = new ScheduleDeclarations();
        queue.Services.AddSingleton(declarations);
        ((TaskQueueBuilder)queue).ForeignSections.Add(ScheduleSettings.Section);
        AddServices(queue.Services);
        return declarations;
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddSingleton(provider => provider.GetRequiredService<ScheduleDeclarations>().Options());
        services.AddSingleton<StoredSchedules>();
        services.TryAddSingleton<IScheduleStore>(provider => provider.GetRequiredService<StoredSchedules>());
        services.AddSingleton<ScheduleBook>();
        services.AddSingleton<IScheduleAction, RunAction>();
        services.AddSingleton<TaskSchedules>();
        services.AddSingleton<ITaskSchedules>(provider => provider.GetRequiredService<TaskSchedules>());
        services.AddSingleton<Func<IAlarms, OccurrenceDispatcher>>(provider => alarms => ActivatorUtilities.CreateInstance<OccurrenceDispatcher>(provider, alarms));
        services.AddSingleton(provider => new NodeLease(
            provider.GetRequiredService<Foundation>(), provider.GetRequiredService<SchedulingOptions>().Lease, provider.GetRequiredService<TaskQueueOptions>().WorkerName,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TestNode>();
        services.AddSingleton<IClockDriven>(provider => provider.GetRequiredService<TestNode>());
        services.AddSingleton<IScheduleNode>(provider => provider.GetRequiredService<Foundation>().IsTest
            ? provider.GetRequiredService<TestNode>()
            : ActivatorUtilities.CreateInstance<LeasedNode>(provider));
        services.AddSingleton<IHostedService, SchedulingHost>();
    }
}
