using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Quartz;

using TasksBus;
using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Database;
using TasksBus.Delays;
using TasksBus.Nodes;
using TasksBus.Occurrences;
using TasksBus.Schedules;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds schedules to a task queue.</summary>
public static partial class SchedulingTaskQueueExtensions
{
    /// <summary>
    /// Takes part in schedules: reads those of the configuration, in the section <c>Schedules</c> of the task queue's, gives the application
    /// <see cref="ITaskSchedules"/>, and makes this process a scheduler node, unless the options say otherwise. <c>AddSchedule</c> does that, too.
    /// </summary>
    public static ITaskQueueBuilder UseScheduling(this ITaskQueueBuilder queue, Action<ScheduleOptions>? configure = null)
    {
        var declarations = DeclarationsOf(queue);
        if (configure is not null)
            declarations.Configure(configure);
        return queue;
    }

    /// <summary>
    /// Keeps schedules in a database, by the ADO.NET job store of Quartz, in place of the task queue's own store: as in
    /// <c>store => store.UsePostgres("Host=…").UseClustering()</c> for several nodes, or <c>store => store.UseSqlite("Data Source=schedules.db")</c> for one. The application
    /// references the driver, Npgsql or Microsoft.Data.Sqlite.
    /// </summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="configure">
    /// The database, and whether Quartz is to make its tables there (<c>ProvisionSchema</c>). With <c>UseClustering</c>, a node that dies is noticed within 5 seconds,
    /// unless <see cref="ClusteringOptions"/> say otherwise.
    /// </param>
    public static ITaskQueueBuilder UseQuartzStore(this ITaskQueueBuilder queue, Action<IPersistentStoreBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        DeclarationsOf(queue).Database = (quartz => NoticeDeadNodes(quartz).UsePersistentStore(configure), null);
        return queue;
    }

    /// <summary>Keeps schedules in a database that a section of the configuration names, as Quartz reads it.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="section">Quartz's own section: <c>JobStore</c>, <c>DataSource</c> and so on, or flat <c>quartz.*</c> keys.</param>
    /// <inheritdoc cref="UseQuartzStore(ITaskQueueBuilder, Action{IPersistentStoreBuilder})"/>
    public static ITaskQueueBuilder UseQuartzStore(this ITaskQueueBuilder queue, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        DeclarationsOf(queue).Database = (quartz => NoticeDeadNodes(quartz), section);
        return queue;
    }

    private static IQuartzBuilder NoticeDeadNodes(IQuartzBuilder quartz) =>
        quartz.ConfigureOptions<ClusteringOptions>(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)));

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
        services.AddSingleton(CreateQuartzAlarms);
        services.AddSingleton<QuartzSchedules>();
        services.AddSingleton<IScheduleStore>(provider => IsInDatabase(provider) ? provider.GetRequiredService<QuartzSchedules>() : provider.GetRequiredService<StoredSchedules>());
        services.AddSingleton<ScheduleBook>();
        services.AddSingleton<IScheduleAction, RunAction>();
        services.AddSingleton<IScheduleAction, WorkflowAction>();
        services.AddSingleton<ScheduledCalls>();
        services.AddSingleton<TaskSchedules>();
        services.AddSingleton<ITaskSchedules>(provider => provider.GetRequiredService<TaskSchedules>());
        services.AddSingleton<Func<IAlarms, OccurrenceDispatcher>>(provider => alarms =>
        {
            // The clock of a test stands still until what is due is done: nothing must wait for it meanwhile.
            var ahead = provider.GetRequiredService<Foundation>().IsTest ? TimeSpan.Zero : RunMessage.SentAhead;
            return ActivatorUtilities.CreateInstance<OccurrenceDispatcher>(provider, alarms, ahead);
        });
        services.AddSingleton(provider => new NodeLease(
            provider.GetRequiredService<Foundation>(), provider.GetRequiredService<ScheduleOptions>().Lease, provider.GetRequiredService<TaskQueueOptions>().WorkerName,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TestNode>();
        services.AddSingleton<IClockDriven>(provider => provider.GetRequiredService<TestNode>());
        services.AddSingleton<LeasedNode>();
        services.AddSingleton<DatabaseNode>();
        services.AddSingleton<IScheduleNode>(provider => (provider.GetRequiredService<Foundation>().IsTest, IsInDatabase(provider)) switch
        {
            (true, _) => provider.GetRequiredService<TestNode>(),
            (_, true) => provider.GetRequiredService<DatabaseNode>(),
            _ => provider.GetRequiredService<LeasedNode>(),
        });
        services.AddSingleton<IHostedService, SchedulingHost>();
    }

    /// <remarks>Under test everything is in memory.</remarks>
    private static bool IsInDatabase(IServiceProvider provider) =>
        provider.GetRequiredService<ScheduleDeclarations>().Database is not null && !provider.GetRequiredService<Foundation>().IsTest;

    private static QuartzAlarms CreateQuartzAlarms(IServiceProvider provider)
    {
        var (configure, section) = provider.GetRequiredService<ScheduleDeclarations>().Database!.Value;
        return new QuartzAlarms(
            schedule => provider.GetRequiredService<DatabaseNode>().OnAlarm(schedule), provider.GetRequiredService<TimeProvider>(), provider.GetService<ILoggerFactory>(),
            new QuartzStore($"{provider.GetRequiredService<TaskQueueOptions>().Prefix}-schedules", configure, section), DatabaseNode.AlarmsAgainAfter);
    }
}
