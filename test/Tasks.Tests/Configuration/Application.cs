using System.Threading.Channels;

using MassTransit;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests.Configuration;

/// <summary>Where an application has its own buses, seen from <c>AddTaskQueue</c>.</summary>
public enum Situation
{
    NoBus,
    BusBefore,
    BusAfter,
    BusAround,
    OtherBusOnly,
    OtherBusBefore,
    OtherBusAfter,
}

/// <summary>An application with a consumer of its own, to which a task queue is added.</summary>
public static class Application
{
    public static bool HasBus(this Situation situation) => situation is not (Situation.NoBus or Situation.OtherBusOnly);

    /// <summary>Starts the application.</summary>
    /// <param name="situation">Where its buses are.</param>
    /// <param name="configuresEndpoints">Whether it leaves its endpoints to MassTransit, or sets them up one by one.</param>
    internal static Task<TaskQueueFixture> Start(Situation situation, bool configuresEndpoints) => TaskQueueFixture.StartHost(services =>
    {
        services.AddSingleton<Inbox>();
        if (situation is Situation.BusBefore)
            services.AddMassTransit(bus => AddBus(bus, configuresEndpoints));
        if (situation is Situation.OtherBusBefore or Situation.OtherBusOnly)
            services.AddMassTransit<IOtherBus>(bus => AddBus(bus, configuresEndpoints));

        if (situation is Situation.BusAround)
        {
            services.AddMassTransit(bus =>
            {
                AddTaskQueue(bus);
                AddBus(bus, configuresEndpoints);
            });
        }
        else
        {
            AddTaskQueue(services);
        }

        if (situation is Situation.BusAfter or Situation.OtherBusBefore or Situation.OtherBusAfter)
            services.AddMassTransit(bus => AddBus(bus, configuresEndpoints));
        if (situation is Situation.OtherBusAfter)
            services.AddMassTransit<IOtherBus>(bus => AddBus(bus, configuresEndpoints));
    });

    private static void AddTaskQueue(IServiceCollection services) =>
        services.AddTaskQueue(TaskQueueFixture.Isolate).AddTaskQueue(queue => queue.AddTask((Add task) => task.X + task.Y));

    private static void AddBus(IBusRegistrationConfigurator bus, bool configuresEndpoints)
    {
        bus.AddConsumer<OrderConsumer>();
        bus.UsingInMemory((context, configurator) =>
        {
            if (configuresEndpoints)
                configurator.ConfigureEndpoints(context);
            else
                configurator.ReceiveEndpoint("orders", endpoint => endpoint.ConfigureConsumer<OrderConsumer>(context));
        });
    }

    public interface IOtherBus : IBus;

    public sealed record OrderPlaced(int Number);

    /// <summary>What the application's own consumer has received.</summary>
    public sealed class Inbox
    {
        private readonly Channel<int> _orders = Channel.CreateUnbounded<int>();

        public void Add(int order) => _orders.Writer.TryWrite(order);

        public Task<int> Next() => _orders.Reader.ReadAsync().AsTask().WaitAsync(TaskQueueFixture.Patience);
    }

    public sealed class OrderConsumer(Inbox inbox) : IConsumer<OrderPlaced>
    {
        public Task Consume(ConsumeContext<OrderPlaced> context)
        {
            inbox.Add(context.Message.Number);
            return Task.CompletedTask;
        }
    }
}
