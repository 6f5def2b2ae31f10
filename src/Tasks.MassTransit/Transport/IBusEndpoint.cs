using MassTransit;

namespace TasksBus.Transport;

/// <summary>A queue that this process reads, once the bus has started.</summary>
internal interface IBusEndpoint
{
    /// <summary>The name of the queue on the broker.</summary>
    string BrokerQueue { get; }

    /// <summary>Whether the runs in it are run here.</summary>
    bool TakesRuns { get; }

    /// <summary>Adds what consumes from it.</summary>
    void Configure(IReceiveEndpointConfigurator endpoint, IQueueTransport transport);
}
