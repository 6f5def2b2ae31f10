using MassTransit;

namespace TasksBus.Transport;

/// <summary>Reads queues, once the bus has started.</summary>
internal interface IBusReader
{
    /// <summary>Connects its endpoints to the bus; ends when they read.</summary>
    Task Connect(IBus bus, IQueueTransport transport);

    /// <summary>Reads no queues of runs any longer; what was taken from them goes on.</summary>
    void StopTakingRuns();
}
