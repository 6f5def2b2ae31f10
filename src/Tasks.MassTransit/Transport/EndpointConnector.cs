using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Transport;

/// <summary>
/// Connects our endpoints once the bus has started, whoever starts it: nothing of ours is registered with the application's bus, so that
/// its own endpoints are left alone, whatever the order of the calls.
/// </summary>
/// <remarks>MassTransit creates observers together with the bus, so that the bus can only be asked for later.</remarks>
internal sealed class EndpointConnector(IServiceProvider services) : IBusObserver
{
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isConnected;

    /// <summary>Completes when our endpoints are connected: from then on, what is published reaches them.</summary>
    public Task Connected => _connected.Task;

    public async Task PostStart(IBus bus, Task<BusReady> busReady)
    {
        var queueBus = services.GetRequiredService<QueueBus>();

        // The application may have other buses. On a second start, the bus starts our endpoints itself.
        if (!ReferenceEquals(queueBus.Bus, bus) || Interlocked.Exchange(ref _isConnected, 1) == 1)
            return;

        try
        {
            await Connect(bus, queueBus.Transport, busReady).ConfigureAwait(false);
            _connected.SetResult();
        }
        catch (Exception exception)
        {
            _connected.SetException(exception);
            throw;
        }
    }

    /// <summary>Stops reading the queues of runs. What was taken goes on; the rest of our endpoints, too.</summary>
    public void StopTakingRuns()
    {
        foreach (var reader in services.GetServices<IBusReader>())
            reader.StopTakingRuns();
    }

    /// <remarks>Before anything can be published: what a type's first publish finds configured is what it declares.</remarks>
    public void PostCreate(IBus bus)
    {
        if (bus.Topology.PublishTopology is not IRabbitMqPublishTopologyConfigurator topology)
            return;
        var (catalogue, names) = (services.GetRequiredService<TaskCatalogue>(), services.GetRequiredService<BrokerNames>());
        foreach (var task in catalogue.Tasks)
            task.BindPublished(topology, names, catalogue.Options.QuorumQueues);
    }

    public void CreateFaulted(Exception exception)
    {
    }

    public Task PreStart(IBus bus) => Task.CompletedTask;

    public Task StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    public Task PreStop(IBus bus) => Task.CompletedTask;

    public Task PostStop(IBus bus) => Task.CompletedTask;

    public Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    private async Task Connect(IBus bus, IQueueTransport transport, Task<BusReady> busReady)
    {
        await busReady.ConfigureAwait(false);
        await Task.WhenAll(services.GetServices<IBusReader>().Select(reader => reader.Connect(bus, transport))).ConfigureAwait(false);
    }
}
