using MassTransit;
using MassTransit.DependencyInjection;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Transport;

/// <summary>The bus that the task queue rides on: the one that was asked for, else the application's, else one in memory of its own.</summary>
internal sealed class QueueBus
{
    public QueueBus(IServiceProvider services, OwnBus ownBus, Foundation foundation, TaskQueueOptions options)
    {
        var attached = ownBus.IsRequested ? null : services.GetService<Bind<IBus, IBusInstance>>()?.Value;
        if (foundation.IsTest && attached?.HostConfiguration is not IInMemoryHostConfiguration)
            attached = null;
        var (bus, host) = attached is null ? ownBus.Create() : (attached.BusControl, attached.HostConfiguration);
        Bus = bus;
        Own = attached is null ? bus : null;

        Transport = host switch
        {
            IRabbitMqHostConfiguration rabbitMq => new RabbitMqTransport(rabbitMq, options),
            IInMemoryHostConfiguration inMemory => new InMemoryTransport(inMemory),
            _ => throw new TaskQueueConfigurationException(
                $"The bus of this application is on '{host.HostAddress.Scheme}', which the task queue cannot ride on: it needs RabbitMQ or MassTransit's in-memory transport. " +
                "Give it a bus of its own with UseRabbitMq."),
        };
    }

    /// <summary>The bus.</summary>
    public IBus Bus { get; }

    /// <summary>The bus if it is ours to start and stop; null if it is the application's.</summary>
    public IBusControl? Own { get; }

    /// <summary>The broker behind it.</summary>
    public IQueueTransport Transport { get; }
}
