using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

using TasksBus;
using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.InMemory;
using TasksBus.Limits;
using TasksBus.Pipeline;
using TasksBus.Testing;
using TasksBus.Tracking;
using TasksBus.Transport;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a test harness to an application with a task queue.</summary>
public static class TaskQueueTestHarnessServiceCollectionExtensions
{
    /// <summary>
    /// Puts the task queue of an application under test: in memory, whatever broker and store are configured before or after, and on a clock that the
    /// test moves. It rides on the in-memory bus of MassTransit's <c>AddMassTransitTestHarness</c> or <c>AddMassTransit</c>, before or after this call; else on
    /// one of its own. Resolve <see cref="ITaskQueueTestHarness"/>.
    /// </summary>
    /// <remarks>
    /// Replaces <see cref="TimeProvider"/>; an application that registers one of its own after this call is refused at the start. Called again, it adds to
    /// the same harness.
    /// </remarks>
    /// <param name="services">The application's services, with or without <c>AddTaskQueue</c>.</param>
    /// <param name="configure">Tasks and options of the test, besides those of the application.</param>
    public static IServiceCollection AddTaskQueueTestHarness(this IServiceCollection services, Action<ITaskQueueBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddTaskQueue(queue =>
        {
            queue.Configure(WriteEveryProgress);
            configure?.Invoke(queue);
        });
        if (services.Any(service => service.ServiceType == typeof(ITaskQueueTestHarness)))
            return services;

        services.AddLogging();
        services.TryAddSingleton<IHostApplicationLifetime, TestLifetime>();
        AddClock(services);
        AddFoundation(services);
        AddHarness(services);
        return services;
    }

    private static void WriteEveryProgress(TaskQueueOptions options)
    {
        if (options.ProgressInterval == new TaskQueueOptions().ProgressInterval)
            options.ProgressInterval = TimeSpan.Zero;
    }

    private static void AddClock(IServiceCollection services)
    {
        services.AddSingleton<TestClock>();
        services.AddSingleton<FakeTimeProvider>(provider => provider.GetRequiredService<TestClock>());
        services.RemoveAll<TimeProvider>();
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<TestClock>());
        services.AddSingleton<IAttemptStep, WatchTimers>();
    }

    private static void AddFoundation(IServiceCollection services)
    {
        services.AddSingleton<RunRecorder>();
        services.AddSingleton(provider => new RecordingLimiter(
            new InMemoryLimiter(provider.GetRequiredService<TestClock>()), provider.GetRequiredService<RunRecorder>(), provider.GetRequiredService<TestClock>()));
        services.AddSingleton(provider => new RecordingWorkflowStore(new InMemoryWorkflowStore(provider.GetRequiredService<TestClock>()), provider.GetRequiredService<RunRecorder>()));
        services.AddSingleton(provider =>
        {
            var clock = provider.GetRequiredService<TestClock>();
            return new TestFoundation(
                new RecordingStores(new InMemorySagaStores(clock), provider.GetRequiredService<RunRecorder>(), clock),
                provider.GetRequiredService<RecordingLimiter>(), provider.GetRequiredService<RecordingWorkflowStore>(), new LocalTaskDirectory());
        });
        services.RemoveAll<ISagaStores>();
        services.AddSingleton(provider => provider.GetRequiredService<TestFoundation>().Stores);
        services.RemoveAll<ILimiter>();
        services.AddSingleton(provider => provider.GetRequiredService<TestFoundation>().Limiter);
        services.RemoveAll<ITaskDirectory>();
        services.AddSingleton(provider => provider.GetRequiredService<TestFoundation>().Directory);
    }

    private static void AddHarness(IServiceCollection services)
    {
        services.AddSingleton<SubmissionObserver>();
        services.RemoveAll<QueueBus>();
        services.AddSingleton(provider =>
        {
            var bus = ActivatorUtilities.CreateInstance<QueueBus>(provider);
            provider.GetRequiredService<SubmissionObserver>().Connect(bus.Bus);
            return bus;
        });
        services.AddSingleton<MovingWorkflows>();
        services.AddSingleton<Settling>();
        services.AddSingleton<TaskQueueTestHarness>();
        services.AddSingleton<ITaskQueueTestHarness>(provider => provider.GetRequiredService<TaskQueueTestHarness>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TaskQueueTestHarness>());
    }
}
