using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Messages;
using TasksBus.Schedules;

using static TasksBus.Tests.Messages.ShopApplication;

namespace TasksBus.Tests.Messages;

/// <summary>What MassTransit's message scheduler does with a task queue behind it, whatever that stands on.</summary>
public abstract partial class MessageSchedulingBehaviour
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Later = TimeSpan.FromHours(1);

    protected string Prefix { get; } = $"test-{Guid.NewGuid():N}";

    private Uri Scheduler => new($"queue:{Prefix}-scheduler");

    [Fact]
    public async Task A_message_that_a_consumer_schedules_arrives_at_its_time_with_all_that_came_with_it()
    {
        await using var app = await StartShop();
        var customer = Guid.NewGuid();
        var started = TimeProvider.System.GetTimestamp();

        await Bus(app).Publish(new Customer(customer, Soon), publish => publish.ConversationId = NewId.NextGuid());

        var welcomed = await Diary(app).Next(customer);
        var reminded = await Diary(app).Next(customer);
        Assert.Equal(("welcomed", "reminded"), (welcomed.What, reminded.What));
        Assert.Equal((welcomed.Scheduled, "north", welcomed.ConversationId), (reminded.TokenId, reminded.Header, reminded.ConversationId));
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= Soon, "It came too early.");
    }

    [Fact]
    public async Task A_message_that_an_application_schedules_outside_of_any_consumer_arrives()
    {
        await using var app = await StartShop();
        var id = Guid.NewGuid();

        var scheduled = await InScope<IMessageScheduler, ScheduledMessage>(app, async scheduler => await scheduler.SchedulePublish(Soon, new RemindCustomer(id, 7)));

        var reminded = await Diary(app).Next(id);
        Assert.Equal((7, scheduled.TokenId), (reminded.Number, reminded.TokenId));
    }

    [Fact]
    public async Task A_time_in_the_past_is_at_once()
    {
        await using var app = await StartShop();
        var id = Guid.NewGuid();

        await InScope<IMessageScheduler, ScheduledMessage>(app, async scheduler => await scheduler.SchedulePublish(DateTime.UtcNow - Later, new RemindCustomer(id, 1)));

        Assert.Equal("reminded", (await Diary(app).Next(id)).What);
    }

    [Fact]
    public async Task A_message_that_is_cancelled_is_forgotten()
    {
        await using var app = await StartShop();
        var scheduled = await InScope<IMessageScheduler, ScheduledMessage>(app, async scheduler => await scheduler.SchedulePublish(Later, new RemindCustomer(Guid.NewGuid(), 1)));
        await Until(app, scheduled.TokenId, message => message?.Message is not null);

        await InScope<IMessageScheduler, bool>(app, async scheduler =>
        {
            await scheduler.CancelScheduledPublish<RemindCustomer>(scheduled.TokenId);
            return true;
        });

        await Until(app, scheduled.TokenId, message => message is { Message: null, DueAt: null });
    }

    [Fact]
    public async Task A_message_under_the_token_of_one_that_waits_takes_its_place()
    {
        await using var app = await StartShop();
        var (token, destination) = (Guid.NewGuid(), Bus(app).Topology.PublishTopology.GetMessageTopology<RemindCustomer>());
        Assert.True(destination.TryGetPublishAddress(Bus(app).Address, out var address));

        await Schedule(app, address!, token, number: 1, Later);
        await Until(app, token, message => message?.Message is not null);
        await Schedule(app, address!, token, number: 2, Soon);

        Assert.Equal(2, (await Diary(app).Next(token)).Number);
        await Until(app, token, message => message is { Message: null, DueAt: null });
    }

    [Fact]
    public async Task The_timeout_of_a_state_machine_comes()
    {
        await using var app = await StartShop();
        var order = Guid.NewGuid();

        await Bus(app).Publish(new OrderSubmitted(order, Soon));

        var submitted = await Diary(app).Next(order);
        var timedOut = await Diary(app).Next(order);
        Assert.Equal(("timed out", submitted.Scheduled), (timedOut.What, timedOut.TokenId));
    }

    [Fact]
    public async Task A_timeout_that_a_state_machine_unschedules_does_not_come()
    {
        await using var app = await StartShop();
        var order = Guid.NewGuid();
        await Bus(app).Publish(new OrderSubmitted(order, Later));
        var token = (await Diary(app).Next(order)).Scheduled!.Value;
        await Until(app, token, message => message?.Message is not null);

        await Bus(app).Publish(new OrderPaid(order));

        Assert.Equal("paid", (await Diary(app).Next(order)).What);
        await Until(app, token, message => message is { Message: null, DueAt: null });
    }

    [Fact]
    public async Task Scheduled_redelivery_brings_a_message_again_until_it_is_consumed()
    {
        await using var app = await StartShop();
        var id = Guid.NewGuid();

        await Bus(app).Publish(new Charge(id));

        for (var redeliveries = 0; redeliveries <= 2; redeliveries++)
            Assert.Equal(redeliveries, (await Diary(app).Next(id)).Number);
    }

    [Fact]
    public async Task A_recurring_message_comes_again_and_again_until_it_is_paused_or_cancelled_and_goes_on_when_it_is_resumed()
    {
        await using var app = await StartShop();
        var schedules = app.Services.GetRequiredService<ScheduleBook>();
        Assert.True(Bus(app).Topology.PublishTopology.GetMessageTopology<RemindCustomer>().TryGetPublishAddress(Bus(app).Address, out var address));
        var id = Guid.NewGuid();

        var recurring = await Recur(app, scheduler => scheduler.ScheduleRecurringSend(address!, new EverySecond(), new RemindCustomer(id, 1)));
        var (first, second) = (await Diary(app).Next(id), await Diary(app).Next(id));
        await Recur(app, async scheduler =>
        {
            await scheduler.PauseScheduledRecurringSend(recurring.Schedule.ScheduleId, recurring.Schedule.ScheduleGroup);
            return null!;
        });
        await UntilSchedule(schedule => schedule is { IsPaused: true });
        await Recur(app, async scheduler =>
        {
            await scheduler.ResumeScheduledRecurringSend(recurring.Schedule.ScheduleId, recurring.Schedule.ScheduleGroup);
            return null!;
        });
        await UntilSchedule(schedule => schedule is { IsPaused: false });
        var third = await Diary(app).Next(id);
        await Recur(app, async scheduler =>
        {
            await scheduler.CancelScheduledRecurringSend(recurring.Schedule.ScheduleId, recurring.Schedule.ScheduleGroup);
            return null!;
        });
        await UntilSchedule(schedule => schedule is null);

        Assert.All([first, second, third], reminded => Assert.Equal("reminded", reminded.What));
        Assert.Equal(3, new[] { first.MessageId, second.MessageId, third.MessageId }.Distinct().Count());

        async Task UntilSchedule(Func<ScheduleSaga?, bool> condition)
        {
            using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
            while (!condition(await schedules.Find(RecurringMessage.GroupOf(recurring.Schedule.ScheduleGroup), recurring.Schedule.ScheduleId, patience.Token)))
                await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }

    /// <summary>Says what the task queue stands on.</summary>
    protected abstract void UseStore(ITaskQueueBuilder queue);

    /// <summary>Says what the application's bus stands on, and points its endpoints to the scheduler.</summary>
    protected abstract void UseTransport(IBusRegistrationConfigurator bus, Uri scheduler);

    private protected Task<TaskQueueFixture> StartShop(Action<IServiceCollection>? more = null) => TaskQueueFixture.StartHost(services =>
    {
        services.AddSingleton<Diary>();

        // What is published before the bus has started reaches nobody.
        services.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = true);
        services.AddMassTransit(bus =>
        {
            bus.SetEndpointNameFormatter(new DefaultEndpointNameFormatter(Prefix + "-", includeNamespace: false));
            bus.AddShop(Scheduler);
            UseTransport(bus, Scheduler);
        });
        services.AddTaskQueue(queue =>
        {
            TaskQueueFixture.Isolate(queue);
            UseStore(queue);
            queue.Configure(options => options.Prefix = Prefix);
            queue.UseMessageScheduling();
        });
        more?.Invoke(services);
    });

    private protected static Diary Diary(TaskQueueFixture app) => app.Services.GetRequiredService<Diary>();

    private protected static IBus Bus(TaskQueueFixture app) => app.Services.GetRequiredService<IBus>();

    private protected static async Task<T> InScope<TService, T>(TaskQueueFixture app, Func<TService, Task<T>> act)
        where TService : class
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private static Task<ScheduledRecurringMessage> Recur(TaskQueueFixture app, Func<IRecurringMessageScheduler, Task<ScheduledRecurringMessage<RemindCustomer>>> act) =>
        InScope<IRecurringMessageScheduler, ScheduledRecurringMessage>(app, async scheduler => await act(scheduler));

    /// <summary>Waits until that is remembered of a scheduled message.</summary>
    private protected static async Task Until(TaskQueueFixture app, Guid token, Func<MessageSaga?, bool> condition)
    {
        var messages = app.Services.GetRequiredService<ScheduledMessages>();
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (!condition((await messages.Documents.Load(token, patience.Token))?.Saga))
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }

    private async Task Schedule(TaskQueueFixture app, Uri destination, Guid token, int number, TimeSpan delay, Guid? about = null)
    {
        var endpoint = await Bus(app).GetSendEndpoint(Scheduler);
        await endpoint.Send<MassTransit.Scheduling.ScheduleMessage>(new MassTransit.Scheduling.ScheduleMessageCommand<RemindCustomer>(
            DateTime.UtcNow + delay, destination, new RemindCustomer(about ?? token, number), token));
    }
}
