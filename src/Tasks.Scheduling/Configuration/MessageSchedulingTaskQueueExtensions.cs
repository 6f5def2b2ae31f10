using Microsoft.Extensions.Hosting;

using TasksBus;
using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Messages;
using TasksBus.Schedules;
using TasksBus.Transport;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets a task queue serve MassTransit's message scheduler.</summary>
public static class MessageSchedulingTaskQueueExtensions
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Serves MassTransit's scheduling messages, on the bus that the task queue rides on, and keeps what is scheduled in its store. The application points to it as it would to any scheduler,
    /// as in <c>bus.AddMessageScheduler(new Uri("queue:tasksbus-scheduler"))</c> and <c>configurator.UseMessageScheduler(new Uri("queue:tasksbus-scheduler"))</c>.
    /// </summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="queueName">
    /// The name of the broker's queue, as in <c>quartz</c> to take the place of MassTransit.Quartz. Default: the <see cref="TaskQueueOptions.Prefix"/>, then <c>-scheduler</c>.
    /// </param>
    public static ITaskQueueBuilder UseMessageScheduling(this ITaskQueueBuilder queue, string? queueName = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (queueName is not null && string.IsNullOrWhiteSpace(queueName))
            throw new TaskQueueConfigurationException($"The queue of the message scheduler is called '{queueName}'. Give it a name, or none for the default.");
        if (queue.Services.Any(service => service.ServiceType == typeof(MessageSchedulerName)))
            return queue;

        AddServices(queue.UseScheduling().Services, queueName);
        return queue;
    }

    private static void AddServices(IServiceCollection services, string? queueName)
    {
        services.AddSingleton(provider => new MessageSchedulerName(queueName ?? provider.GetRequiredService<TaskQueueOptions>().Prefix + "-scheduler"));
        services.AddSingleton<ScheduledMessages>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<StorePatience>(provider, LongestPause));
        services.AddSingleton<DueMessages>();
        services.AddSingleton<MessageSchedulerConsumer>();
        services.AddSingleton<RecurringMessageConsumer>();
        services.AddSingleton<IScheduleAction, SendMessageAction>();
        services.AddSingleton<MessageDispatcher>();
        services.AddSingleton<IClockDriven>(provider => provider.GetRequiredService<MessageDispatcher>().Due);
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<MessageDispatcher>());
        services.AddSingleton<IBusReader, MessageSchedulerEndpoint>();
    }
}
