using MassTransit;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.Transports.Fabric;

namespace TasksBus.Transport;

/// <summary>MassTransit's in-memory broker: inside this process.</summary>
internal sealed class InMemoryTransport(IInMemoryHostConfiguration host) : IQueueTransport
{
    public string Address => "memory of this process";

    public bool IsShared => false;

    /// <remarks>The application's bus may still be starting: what is sent before our endpoints are connected waits for them.</remarks>
    public Task<CancellationToken> Declare(string brokerQueue, CancellationToken cancellationToken)
    {
        var broker = host.TransportProvider;
        broker.MessageFabric.ExchangeDeclare(broker, brokerQueue, ExchangeType.FanOut);
        broker.MessageFabric.QueueDeclare(broker, brokerQueue);
        broker.MessageFabric.QueueBind(broker, brokerQueue, brokerQueue);
        return Task.FromResult(CancellationToken.None);
    }

    public Task<bool> IsEmpty(string brokerQueue, CancellationToken cancellationToken) => Task.FromResult(false);

    public bool IsLoss(Exception exception) => false;

    public void SurviveLoss(IReceiveEndpointConfigurator endpoint) => endpoint.UseFilter(new LeaveWithDelivery());

    public void ConfigureQueue(IReceiveEndpointConfigurator endpoint, int concurrency, int prefetch)
    {
        endpoint.PrefetchCount = prefetch;
        endpoint.ConcurrentMessageLimit = concurrency;
    }

    public void Bind<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        ((IInMemoryReceiveEndpointConfigurator)endpoint).Bind<T>();

    public void RequireQueue(SendContext context)
    {
    }
}
