using MassTransit;
using MassTransit.Middleware;
using MassTransit.Saga;

using TasksBus.Transport;

namespace TasksBus.Tracking;

/// <summary>Where the state machine listens on the bus: for runs that other applications publish, for <see cref="RevokeTask"/> and for <see cref="GetTaskState"/>.</summary>
internal sealed class TrackingEndpoint(TaskStateMachine machine, SagaDocuments<TaskSaga> documents, BrokerNames names, TaskQueueOptions options, TimeProvider clock) : IBusReader
{
    private const int Concurrency = 32;

    public async Task Connect(IBus bus, IQueueTransport transport)
    {
        if (options.IsWorker)
            await bus.ConnectReceiveEndpoint(names.Tracking, endpoint => Configure(endpoint, transport)).Ready.ConfigureAwait(false);
    }

    /// <remarks>No run is run here.</remarks>
    public void StopTakingRuns()
    {
    }

    private void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        transport.SurviveLoss(endpoint);
        endpoint.PrefetchCount = Concurrency;
        endpoint.ConcurrentMessageLimit = Concurrency;
        transport.Bind<IRunTask>(endpoint);
        transport.Bind<RevokeTask>(endpoint);
        transport.Bind<GetTaskState>(endpoint);

        endpoint.ConfigureError(errors =>
        {
            errors.UseFilter(new ReturnWithoutStore(clock));
            errors.UseFilter(new ErrorTransportFilter());
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<ConcurrencyException>();
            retry.Handle<RunNotRecordedException>();
            retry.Exponential(retryLimit: 20, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(10));
        });
        var repository = new StoredSagaRepository<TaskSaga>(documents);
        endpoint.StateMachineSaga(machine, new SagaRepository<TaskSaga>(repository, loadSagaRepositoryContextFactory: repository));
    }
}
