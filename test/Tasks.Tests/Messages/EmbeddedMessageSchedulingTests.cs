using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Testing;

using static TasksBus.Tests.Messages.ShopApplication;

namespace TasksBus.Tests.Messages;

/// <summary>The message scheduler in one process, with nothing installed.</summary>
public sealed class EmbeddedMessageSchedulingTests : MessageSchedulingBehaviour
{
    [Fact]
    public async Task A_scheduled_message_comes_when_the_clock_is_moved_to_its_time()
    {
        await using var app = await StartShop(services => services.AddTaskQueueTestHarness());
        var harness = app.Services.GetRequiredService<ITaskQueueTestHarness>();
        var id = Guid.NewGuid();
        var scheduled = await InScope<IMessageScheduler, ScheduledMessage>(app, async scheduler => await scheduler.SchedulePublish(TimeSpan.FromDays(1), new RemindCustomer(id, 1)));
        await Until(app, scheduled.TokenId, message => message?.Message is not null);

        await harness.Advance(TimeSpan.FromHours(23));
        var before = Diary(app).Count;
        await harness.Advance(TimeSpan.FromHours(2));

        Assert.Equal(0, before);
        Assert.Equal("reminded", (await Diary(app).Next(id)).What);
    }

    protected override void UseStore(ITaskQueueBuilder queue)
    {
    }

    protected override void UseTransport(IBusRegistrationConfigurator bus, Uri scheduler) => bus.UsingInMemory((context, configurator) =>
    {
        configurator.UseMessageScheduler(scheduler);
        configurator.ConfigureEndpoints(context);
    });
}
