using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Messages;
using TasksBus.Tests.Servers;

using static TasksBus.Tests.Messages.ShopApplication;

namespace TasksBus.Tests.Messages;

/// <summary>The message scheduler on RabbitMQ and Redis.</summary>
public sealed class RealServersMessageSchedulingTests : MessageSchedulingBehaviour, IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(Prefix, "tasks");

    [Fact]
    public async Task A_scheduled_message_survives_the_restart_of_every_process()
    {
        var id = Guid.NewGuid();
        await using (var first = await StartShop())
        {
            var scheduled = await InScope<IMessageScheduler, ScheduledMessage>(first, async scheduler => await scheduler.SchedulePublish(TimeSpan.FromSeconds(2), new RemindCustomer(id, 1)));
            await Until(first, scheduled.TokenId, message => message?.Message is not null);
        }

        await using var second = await StartShop();

        Assert.Equal("reminded", (await Diary(second).Next(id)).What);
    }

    [Fact]
    public async Task Two_nodes_send_each_message_once()
    {
        const int count = 50;
        var id = Guid.NewGuid();
        await using var first = await StartShop();
        await using var second = await StartScheduler();

        for (var number = 1; number <= count; number++)
            await Remind(number, TimeSpan.FromMilliseconds(500));
        var numbers = new List<int>();
        while (numbers.Count < count)
            numbers.Add((await Diary(first).Next(id)).Number);
        await Remind(count + 1, TimeSpan.Zero);

        Assert.Equal(Enumerable.Range(1, count), numbers.Order());
        Assert.Equal(count + 1, (await Diary(first).Next(id)).Number);

        Task Remind(int number, TimeSpan after) =>
            InScope<IMessageScheduler, ScheduledMessage>(first, async scheduler => await scheduler.SchedulePublish(after, new RemindCustomer(id, number)));
    }

    /// <remarks>The node that dies here is one that has taken the message from the store and does nothing more.</remarks>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_message_that_a_node_has_taken_before_it_died_is_sent_by_another_and_comes_twice_only_if_it_was_sent_already(bool wasSent, int deliveries)
    {
        await using var dying = await StartShop();
        await dying.Services.GetRequiredService<MessageDispatcher>().StoppingAsync(CancellationToken.None);
        var (id, messages) = (Guid.NewGuid(), dying.Services.GetRequiredService<ScheduledMessages>().Documents);
        var scheduled = await Remind(number: 1);
        await Until(dying, scheduled.TokenId, message => message?.Message is not null);
        var taken = Assert.Single((await messages.Store.TakeDue(TimeProvider.System.GetUtcNow(), hiddenFor: TimeSpan.FromSeconds(1), limit: 10)).Sagas);
        if (wasSent)
            await dying.Services.GetRequiredService<DueMessages>().Send(messages.Read(taken).Saga.Message!, MessageMapping.BodyOf(taken), new DateTimeOffset(scheduled.ScheduledTime), CancellationToken.None);

        await using var other = await StartScheduler();
        var reminded = new List<Entry>();
        while (reminded.Count < deliveries)
            reminded.Add(await Diary(dying).Next(id));
        await Until(dying, scheduled.TokenId, message => message is { Message: null });
        await Remind(number: 2);

        Assert.Single(reminded.DistinctBy(entry => entry.MessageId));
        Assert.Equal(2, (await Diary(dying).Next(id)).Number);

        Task<ScheduledMessage> Remind(int number) =>
            InScope<IMessageScheduler, ScheduledMessage>(dying, async scheduler => await scheduler.SchedulePublish(TimeSpan.Zero, new RemindCustomer(id, number)));
    }

    [Fact]
    public async Task A_message_is_taken_and_sent_over_a_bus_of_the_task_queues_own()
    {
        await using var scheduler = await StartScheduler();
        var inbox = new Diary();
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(configurator =>
        {
            configurator.Host(new Uri(RealServers.RabbitMq));
            configurator.ReceiveEndpoint(new TemporaryEndpointDefinition(), null, endpoint => endpoint.Handler<RemindCustomer>(context =>
            {
                inbox.Write("reminded", context.Message.Id, context);
                return Task.CompletedTask;
            }));
        });
        await bus.StartAsync();
        var id = Guid.NewGuid();

        await bus.CreateMessageScheduler(new Uri($"queue:{Prefix}-scheduler")).SchedulePublish(TimeSpan.FromMilliseconds(100), new RemindCustomer(id, 1));

        Assert.Equal("reminded", (await inbox.Next(id)).What);
        await bus.StopAsync();
    }

    /// <summary>A process that does nothing but serve the scheduler, over a bus of the task queue's own.</summary>
    private Task<TaskQueueFixture> StartScheduler() =>
        TaskQueueFixture.StartHost(services => services.AddTaskQueue(TaskQueueFixture.Isolate).AddTaskQueue(queue =>
        {
            RealServers.Use(queue);
            queue.Configure(options => options.Prefix = Prefix);
            queue.UseMessageScheduling();
        }));

    protected override void UseStore(ITaskQueueBuilder queue) => queue.UseRedis(RealServers.Redis);

    protected override void UseTransport(IBusRegistrationConfigurator bus, Uri scheduler) => bus.UsingRabbitMq((context, configurator) =>
    {
        configurator.Host(new Uri(RealServers.RabbitMq));
        configurator.UseMessageScheduler(scheduler);
        configurator.ConfigureEndpoints(context);
    });
}
