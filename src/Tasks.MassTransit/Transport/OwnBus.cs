using MassTransit;
using MassTransit.Configuration;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.RabbitMqTransport.Configuration;

using Microsoft.Extensions.Logging;

namespace TasksBus.Transport;

/// <summary>Makes a bus of the task queue's own, beside whatever bus the application has.</summary>
internal sealed class OwnBus(
    Action<IRabbitMqBusFactoryConfigurator, TaskQueueOptions>? configureRabbitMq, TaskQueueOptions options, IBusObserver observer, ILoggerFactory loggers)
{
    /// <summary>Whether a bus of its own was asked for.</summary>
    public bool IsRequested => configureRabbitMq is not null;

    /// <summary>Creates the bus; it is not started yet.</summary>
    public (IBusControl Bus, IHostConfiguration Host) Create()
    {
        // MassTransit keeps its logger in the async flow: a bus that another host created there before would take ours along into its grave.
        LogContext.ConfigureCurrentLogContext(loggers);
        return configureRabbitMq is null ? CreateInMemory() : CreateRabbitMq(configureRabbitMq);
    }

    private (IBusControl Bus, IHostConfiguration Host) CreateInMemory()
    {
        var configuration = new InMemoryBusConfiguration(new InMemoryTopologyConfiguration(InMemoryBus.CreateMessageTopology()), baseAddress: null);
        var factory = new InMemoryBusFactoryConfigurator(configuration);
        factory.ConnectBusObserver(observer);
        return (factory.Build(configuration), configuration.HostConfiguration);
    }

    private (IBusControl Bus, IHostConfiguration Host) CreateRabbitMq(Action<IRabbitMqBusFactoryConfigurator, TaskQueueOptions> configure)
    {
        var configuration = new RabbitMqBusConfiguration(new RabbitMqTopologyConfiguration(RabbitMqBusFactory.CreateMessageTopology()));
        if (configuration.HostConfiguration is RabbitMqHostConfiguration host)
            Reconnecting.TrySoon(host);
        var factory = new RabbitMqBusFactoryConfigurator(configuration);
        configure(factory, options);
        factory.ConnectBusObserver(observer);
        return (factory.Build(configuration), configuration.HostConfiguration);
    }
}
