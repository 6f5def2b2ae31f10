using MassTransit;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using TasksBus.Messages;
using TasksBus.Tests.Servers;

using static TasksBus.Tests.Messages.ShopApplication;

namespace TasksBus.Tests.Messages;

/// <summary>A message scheduler whose servers go away and come back.</summary>
public sealed class MessageOutageTests : IAsyncLifetime
{
    private const int NotHandedOn = 1403;
    private const int MessageWaits = 2200;

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly LogCapture _logs = new();
    private readonly Diary _inbox = new();
    private TcpProxy _rabbitMq = null!;
    private TcpProxy _redis = null!;
    private IBusControl _shop = null!;

    public async Task InitializeAsync()
    {
        var (rabbitMq, redis) = (new Uri(RealServers.RabbitMq), RealServers.Redis.Split(':'));
        (_rabbitMq, _redis) = (new TcpProxy(rabbitMq.Host, rabbitMq.Port), new TcpProxy(redis[0], int.Parse(redis[1], null)));
        _rabbitMq.Start();
        _redis.Start();
        _shop = Bus.Factory.CreateUsingRabbitMq(configurator =>
        {
            configurator.Host(rabbitMq);
            configurator.ReceiveEndpoint(new TemporaryEndpointDefinition(), null, endpoint => endpoint.Handler<RemindCustomer>(context =>
            {
                _inbox.Write("reminded", context.Message.Id, context, context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await _shop.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _shop.StopAsync();
        await _rabbitMq.DisposeAsync();
        await _redis.DisposeAsync();
        await RealServers.DeleteQueues(_prefix, "tasks");
    }

    [Fact]
    public async Task A_message_whose_time_comes_while_the_broker_is_away_is_sent_once_when_it_is_back()
    {
        await using var scheduler = await StartScheduler();
        var id = Guid.NewGuid();
        var (first, second) = (await Remind(id, 1, TimeSpan.FromSeconds(3)), await Remind(id, 1, TimeSpan.FromSeconds(3)));
        await Eventually(async () => await IsKept(scheduler, first) && await IsKept(scheduler, second));

        _rabbitMq.Stop();
        await Eventually(() => _logs.Lines.Where(line => line.EventId == NotHandedOn).Skip(7).Any());
        _rabbitMq.Start();
        await _inbox.Next(id);
        await _inbox.Next(id);
        await Remind(id, 2, TimeSpan.Zero);
        var more = 0;
        for (; (await _inbox.Next(id)).Number == 1; more++)
        {
            // One too many.
        }

        // The last try before the broker is back may reach it just when nobody waits for it any more.
        Assert.InRange(more, 0, 2);
    }

    [Fact]
    public async Task What_is_said_while_the_store_is_away_waits_for_it_in_its_order_however_long_that_takes()
    {
        await using var scheduler = await StartScheduler(services => services.AddSingleton(provider => ActivatorUtilities.CreateInstance<StorePatience>(provider, TimeSpan.FromMilliseconds(10))));
        var id = Guid.NewGuid();

        _redis.Stop();
        await Remind(id, 1, TimeSpan.Zero);
        await Remind(id, 2, TimeSpan.Zero);
        await Eventually(() => _logs.Lines.Any(line => line.EventId == MessageWaits));
        _redis.Start();

        Assert.Equal([1, 2], new[] { (await _inbox.Next(id)).Number, (await _inbox.Next(id)).Number }.Order());
    }

    [Fact]
    public async Task What_waits_for_a_store_when_its_scheduler_stops_is_taken_by_the_next_one()
    {
        var id = Guid.NewGuid();
        await using (var first = await StartScheduler(services => services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromHours(1))))
        {
            _redis.Stop();
            await Remind(id, 1, TimeSpan.Zero);
            await Eventually(() => _logs.Lines.Any(line => line.EventId == MessageWaits));
            await first.Stop().WaitAsync(TaskQueueFixture.Patience);
        }

        _redis.Start();
        await using var second = await StartScheduler();

        Assert.Equal(1, (await _inbox.Next(id)).Number);
    }

    [Fact]
    public async Task Patience_with_a_store_ends_only_with_its_message()
    {
        var (patience, tries) = (new StorePatience(TimeSpan.FromMilliseconds(10), new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), NullLogger<StorePatience>.Instance), 0);
        using var stop = new CancellationTokenSource();

        await patience.Ask(_ => ++tries < 100 ? throw Away() : Task.CompletedTask, CancellationToken.None);
        var waiting = patience.Ask(_ => throw Away(), stop.Token);
        await stop.CancelAsync();

        Assert.Equal(100, tries);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        static StoreUnavailableException Away() => new("redis", "It is away.");
    }

    private Task<ScheduledMessage<RemindCustomer>> Remind(Guid id, int number, TimeSpan after) =>
        _shop.CreateMessageScheduler(new Uri($"queue:{_prefix}-scheduler")).SchedulePublish(after, new RemindCustomer(id, number));

    private static async Task<bool> IsKept(TaskQueueFixture scheduler, ScheduledMessage scheduled) =>
        await scheduler.Services.GetRequiredService<ScheduledMessages>().Documents.Load(scheduled.TokenId) is { Saga.Message: not null };

    /// <summary>A process that does nothing but serve the scheduler.</summary>
    private Task<TaskQueueFixture> StartScheduler(Action<IServiceCollection>? more = null) => TaskQueueFixture.StartHost(services =>
    {
        services.AddLogging(logging => logging.AddProvider(_logs));
        services.AddTaskQueue(TaskQueueFixture.Isolate).AddTaskQueue(queue =>
        {
            queue.UseRabbitMq($"amqp://guest:guest@127.0.0.1:{_rabbitMq.Port}");
            queue.UseRedis($"127.0.0.1:{_redis.Port}");
            queue.Configure(options => (options.Prefix, options.SubmitTimeout) = (_prefix, TimeSpan.FromSeconds(1)));
            queue.UseMessageScheduling();
        });
        more?.Invoke(services);
    });
}
