using MassTransit;

namespace TasksBus.Transport;

/// <summary>MassTransit's in-memory broker: inside this process.</summary>
/// <param name="connected">Ends when the endpoints of this process are connected.</param>
internal sealed class InMemoryTransport(Task connected) : IQueueTransport
{
    public string Address => "memory of this process";

    public bool IsShared => false;

    /// <remarks>The endpoints of this process are all the queues that there are. What is sent before they are connected would be dropped.</remarks>
    public Task Declare(string brokerQueue, CancellationToken cancellationToken) => connected.WaitAsync(cancellationToken);

    public void ConfigureQueue(IReceiveEndpointConfigurator endpoint, int concurrency)
    {
        endpoint.PrefetchCount = concurrency;
        endpoint.ConcurrentMessageLimit = concurrency;
    }

    public void Bind<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        ((IInMemoryReceiveEndpointConfigurator)endpoint).Bind<T>();

    public void BindPublished<T>(IBus bus, string brokerQueue)
        where T : class
    {
    }

    public void RequireQueue(SendContext context)
    {
    }
}
