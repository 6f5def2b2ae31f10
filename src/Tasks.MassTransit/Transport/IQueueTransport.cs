using MassTransit;

namespace TasksBus.Transport;

/// <summary>What differs between the brokers that our bus can ride on.</summary>
internal interface IQueueTransport
{
    /// <summary>Where the broker is, for people; without its password.</summary>
    string Address { get; }

    /// <summary>Whether other processes see what is sent here.</summary>
    bool IsShared { get; }

    /// <summary>Makes sure that a queue exists, so that what is sent to it waits for a worker.</summary>
    /// <returns>Is cancelled when the connection is lost over which that happened, and with it whatever was sent and not confirmed.</returns>
    Task<CancellationToken> Declare(string brokerQueue, CancellationToken cancellationToken);

    /// <summary>Whether no message waits in a queue, so that what was sent there and did not arrive is lost; false where nothing ever is.</summary>
    Task<bool> IsEmpty(string brokerQueue, CancellationToken cancellationToken);

    /// <summary>Whether that is how a send fails whose connection is lost.</summary>
    bool IsLoss(Exception exception);

    /// <summary>Makes an endpoint of ours read again when its connection was lost, whatever it was doing.</summary>
    void SurviveLoss(IReceiveEndpointConfigurator endpoint);

    /// <summary>Configures an endpoint that reads a queue of runs, exactly as <see cref="Declare"/> declares it.</summary>
    void ConfigureQueue(IReceiveEndpointConfigurator endpoint, int concurrency, int prefetch);

    /// <summary>Makes what is published as a <typeparamref name="T"/> arrive at an endpoint.</summary>
    void Bind<T>(IReceiveEndpointConfigurator endpoint)
        where T : class;

    /// <summary>Makes the broker refuse a message that no queue would get.</summary>
    void RequireQueue(SendContext context);
}

/// <summary>What our queues are called on the broker.</summary>
internal sealed class BrokerNames(string prefix)
{
    /// <summary>The queue that tracks runs from other applications and answers for all runs.</summary>
    public string Tracking { get; } = prefix + "-tracking";

    /// <summary>Where to ask for runs. By <c>queue:</c>, because that queue has no arguments: it is declared by whoever asks first, and the question waits there for the endpoint.</summary>
    public Uri TrackingAddress => new("queue:" + Tracking);

    /// <summary>The queue in which workflows wait for a worker to start them.</summary>
    public string Workflows { get; } = prefix + "-workflows";

    /// <summary>The queue of runs.</summary>
    public string Queue(string queue) => prefix + "." + queue;

    /// <summary>Where to send what belongs into a queue. Never <c>queue:</c>, which would declare the queue again, without its arguments.</summary>
    public static Uri AddressOf(string brokerQueue) => new("exchange:" + brokerQueue);
}
