using MassTransit;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus;
using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Control;
using TasksBus.Delays;
using TasksBus.Execution;
using TasksBus.InMemory;
using TasksBus.Limits;
using TasksBus.Monitoring;
using TasksBus.Observation;
using TasksBus.Pipeline;
using TasksBus.Queues;
using TasksBus.Tracking;
using TasksBus.Transport;
using TasksBus.Workers;
using TasksBus.Workflows;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a task queue to an application.</summary>
public static class TaskQueueServiceCollectionExtensions
{
    /// <summary>
    /// Adds a task queue. It rides on the bus of the application's own <c>AddMassTransit</c>, before or after this call; without one, on a bus in the
    /// memory of this process; with <see cref="ITaskQueueBuilder.UseRabbitMq(string)"/>, on one of its own. Called again, it adds to the same queue.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Which tasks there are and what the queue stands on.</param>
    public static IServiceCollection AddTaskQueue(this IServiceCollection services, Action<ITaskQueueBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        configure?.Invoke(BuilderOf(services));
        return services;
    }

    private static TaskQueueBuilder BuilderOf(IServiceCollection services)
    {
        var existing = services.FirstOrDefault(service => service.ServiceType == typeof(TaskQueueBuilder))?.ImplementationInstance;
        if (existing is TaskQueueBuilder known)
            return known;

        var builder = new TaskQueueBuilder(services);
        services.AddSingleton(builder);
        AddTaskQueueServices(services);
        return builder;
    }

    private static void AddTaskQueueServices(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => provider.GetRequiredService<TaskQueueBuilder>().Build());
        services.AddSingleton(provider => provider.GetRequiredService<TaskCatalogue>().Options);
        services.AddSingleton<Foundation>();

        AddTracking(services);
        AddTransport(services);
        AddWorker(services);

        services.TryAddSingleton<ITaskDirectory, LocalTaskDirectory>();
        services.AddSingleton<ObserverFeed>();
        services.AddSingleton(provider => new SubmitFilters(provider.GetRequiredService<TaskQueueBuilder>().SubmitFilters, provider.GetRequiredService<TaskCatalogue>(), provider));
        services.AddSingleton<TaskFinder>();
        services.AddSingleton<RunSender>();
        services.AddSingleton<RunWatcher>();
        services.AddSingleton<UniqueRuns>();
        services.AddSingleton<LateRecords>();
        services.AddSingleton<RunSubmitter>();
        services.AddSingleton<TaskClient>();
        services.AddSingleton<ITaskClient>(provider => provider.GetRequiredService<TaskClient>());
        AddWorkflows(services);
        services.AddSingleton<ITaskMonitor, TaskMonitor>();
        services.AddSingleton<ITaskControl, TaskControl>();
        services.AddSingleton<ITaskLimits, TaskLimits>();
        services.AddSingleton<QueueSettings>();
        services.AddSingleton<ITaskQueues, TaskQueues>();
        services.AddSingleton<IHostedService, TaskQueueHost>();
    }

    private static void AddTracking(IServiceCollection services)
    {
        services.TryAddSingleton<ISagaStores, InMemorySagaStores>();
        services.AddSingleton(provider =>
        {
            var observers = provider.GetRequiredService<ObserverFeed>();
            return new SagaDocuments<TaskSaga>(
                provider.GetRequiredService<Foundation>().Runs,
                new TaskSagaMapping(observers.IsEmpty ? null : observers, run => provider.GetRequiredService<GrantedRuns>().Leave(run), run => provider.GetRequiredService<IWorkflowSteps>().CarryOn(run)));
        });
        services.AddSingleton(provider =>
        {
            var (catalogue, clock) = (provider.GetRequiredService<TaskCatalogue>(), provider.GetRequiredService<TimeProvider>());
            return new TaskStateMachine(
                message => NewRun.From(message, catalogue.OptionsOf(message.TaskName), message.Queue ?? catalogue.QueueOf(message.TaskName), clock.GetUtcNow()),
                clock,
                (workflow, reason) => provider.GetRequiredService<IWorkflowSteps>().Revoke(workflow, reason, CancellationToken.None).AsTask(),
                async (run, reason) => (await provider.GetRequiredService<IWorkflowSteps>().RevokeSteps([run], reason, CancellationToken.None).ConfigureAwait(false)).Count > 0);
        });
        services.AddSingleton<RunTracker>();
        services.AddSingleton<ILoadSagaRepository<TaskSaga>>(provider =>
            new MassTransit.Saga.LoadSagaRepository<TaskSaga>(new StoredSagaRepository<TaskSaga>(provider.GetRequiredService<SagaDocuments<TaskSaga>>())));
    }

    private static void AddWorkflows(IServiceCollection services)
    {
        services.TryAddSingleton<IWorkflowStore, InMemoryWorkflowStore>();
        services.AddSingleton(provider => new WorkflowStateMachine(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new SagaDocuments<WorkflowSaga>(provider.GetRequiredService<Foundation>().Stores.Of(WorkflowSaga.Kind), new WorkflowMapping()));
        services.AddSingleton<WorkflowTracker>();
        services.AddSingleton<NodeResults>();
        services.AddSingleton<NodeRuns>();
        services.AddSingleton<NodeOpener>();
        services.AddSingleton<NodeStarter>();
        services.AddSingleton<NodeAlarms>();
        services.AddSingleton<Slips>();
        services.AddSingleton<Restarts>();
        services.AddSingleton<Additions>();
        services.AddSingleton<Compensations>();
        services.AddSingleton<WorkflowDriver>();
        services.AddSingleton<OpenNodes>();
        services.AddSingleton<WorkflowKeeper>();
        services.AddSingleton<WorkflowControl>();
        services.AddSingleton<WorkflowInspector>();
        services.AddSingleton<LostMessages>();
        services.AddSingleton<Signals>();
        services.AddSingleton<StepRevocations>();
        services.AddSingleton<Continuations>();
        services.AddSingleton<IWorkflowSteps, WorkflowSteps>();
        services.AddSingleton(provider => new Lazy<IWorkflowSteps>(provider.GetRequiredService<IWorkflowSteps>));
        services.AddSingleton<WorkflowReader>();
        services.AddSingleton<WorkflowDesk>();
        services.AddSingleton(provider => new Lazy<WorkflowDesk>(provider.GetRequiredService<WorkflowDesk>));
        services.AddSingleton<IWorkflowDesk>(provider => provider.GetRequiredService<WorkflowDesk>());
        services.AddSingleton<WorkflowDispatcher>();
        services.AddSingleton<IClockDriven>(provider => provider.GetRequiredService<WorkflowDispatcher>().Due);
        services.AddSingleton<IBusReader, WorkflowEndpoint>();
        services.AddSingleton<IQueueVisitor, StepVisitor>();
    }

    private static void AddTransport(IServiceCollection services)
    {
        services.AddOptions<UsageTelemetryOptions>().Configure(telemetry => telemetry.Enabled = false);
        services.AddSingleton(provider => new BrokerNames(provider.GetRequiredService<TaskQueueOptions>().Prefix));
        services.AddSingleton(provider => new OwnBus(
            provider.GetRequiredService<Foundation>().RabbitMq, provider.GetRequiredService<TaskQueueOptions>(), provider.GetRequiredService<EndpointConnector>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<QueueBus>();
        services.AddSingleton<EndpointConnector>();
        services.AddBusObserver(provider => provider.GetRequiredService<EndpointConnector>());
        services.TryAddScoped(provider => provider.GetRequiredService<QueueBus>().Bus
            .CreateRequestClient<GetTaskState>(provider.GetRequiredService<BrokerNames>().TrackingAddress));
    }

    private static void AddLimits(IServiceCollection services)
    {
        services.TryAddSingleton<ILimiter, InMemoryLimiter>();
        services.AddSingleton<LimitRules>();
        services.AddSingleton<GrantedRuns>();
        services.AddSingleton<Permits>();
        services.AddSingleton<LimitPump>();
    }

    private static void AddDelays(IServiceCollection services)
    {
        services.AddSingleton<DueRuns>();
        services.AddSingleton(provider => new DueDispatcher(
            provider.GetRequiredService<Foundation>().Runs, provider.GetRequiredService<DueRuns>().HandOn, 2 * provider.GetRequiredService<TaskQueueOptions>().SubmitTimeout,
            provider.GetRequiredService<Foundation>().IsTest ? TimeSpan.Zero : RunMessage.SentAhead,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<DueDispatcher>>()));
    }

    private static void AddWorker(IServiceCollection services)
    {
        services.AddSingleton<HandlerTurns>();
        services.AddSingleton(provider => new AttemptPipeline(
            provider.GetRequiredService<IServiceScopeFactory>(), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<HandlerTurns>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetServices<IAttemptStep>()));
        services.AddSingleton(provider => new WorkerRegistry(
            new SagaDocuments<WorkerSaga>(provider.GetRequiredService<Foundation>().Stores.Of(WorkerSaga.Kind), new WorkerMapping()), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkerPresence>();
        AddLimits(services);
        services.AddSingleton<WorkerComponents>();
        services.AddSingleton<RunningRuns>();
        services.AddSingleton<LostWorkers>();
        services.AddSingleton<ForgottenRuns>();
        services.AddSingleton<ThreadPoolRelief>();
        services.AddSingleton<Recycling>();
        services.AddSingleton<Supervision>();
        services.AddSingleton<Heart>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<Slots>();
        services.AddSingleton<StorePatience>();
        services.AddSingleton<AttemptRunner>();
        services.AddSingleton<Admission>();
        services.AddSingleton<RunExecutor>();
        AddDelays(services);
        services.AddSingleton<IBusReader, TrackingEndpoint>();
        services.AddSingleton<QueueReaders>();
        services.AddSingleton<IBusReader>(provider => provider.GetRequiredService<QueueReaders>());
    }
}
