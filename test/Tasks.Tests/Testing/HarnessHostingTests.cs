using MassTransit;
using MassTransit.Testing;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using NSubstitute;

using TasksBus.Client;
using TasksBus.Testing;
using TasksBus.Tracking;

namespace TasksBus.Tests.Testing;

public class HarnessHostingTests
{
    /// <summary>Nothing listens there.</summary>
    private const string NoBroker = "amqp://guest:guest@127.0.0.1:1/";

    [Fact]
    public async Task The_harness_runs_without_a_host()
    {
        await using var services = new ServiceCollection().AddTaskQueueTestHarness(queue => queue.AddTask<GreetHandler>()).BuildServiceProvider(validateScopes: true);
        var harness = services.GetRequiredService<ITaskQueueTestHarness>();

        await harness.Start();

        Assert.Equal("Hello, Ada!", await GreetAda(harness));
    }

    [Fact]
    public async Task The_harness_runs_in_a_host_whose_application_was_configured_before()
    {
        var application = Host.CreateApplicationBuilder();
        application.Services.AddTaskQueue(queue => queue.AddTask<GreetHandler>());
        application.Services.AddTaskQueueTestHarness();
        using var host = application.Build();
        await host.StartAsync();
        var harness = host.Services.GetRequiredService<ITaskQueueTestHarness>();

        await harness.Start();

        Assert.Equal("Hello, Ada!", await GreetAda(harness));
        Assert.Same(harness.Clock, host.Services.GetRequiredService<TimeProvider>());
        await host.StopAsync();
    }

    [Fact]
    public async Task A_run_that_the_application_publishes_as_soon_as_its_host_has_started_is_not_lost()
    {
        var application = Host.CreateApplicationBuilder();
        application.Services.AddTaskQueueTestHarness(queue => queue.AddTask<GreetHandler>());
        application.Services.AddMassTransit(bus => bus.UsingInMemory());
        using var host = application.Build();
        await host.StartAsync();
        var message = new RunTask<Greet>(new Greet("Ada"));

        await host.Services.GetRequiredService<IBus>().Publish(message);

        Assert.Equal("Hello, Ada!", await host.Services.GetRequiredService<ITaskQueueTestHarness>().Result<string>(message.RunId));
        await host.StopAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_broker_and_no_store_of_the_application_is_touched_whether_configured_before_or_after(bool isHarnessFirst)
    {
        var store = Substitute.For<ISagaStores>();
        var directory = Substitute.For<ITaskDirectory>();
        var services = new ServiceCollection();
        if (isHarnessFirst)
            services.AddTaskQueueTestHarness();
        services.AddTaskQueue(queue => queue.AddTask<GreetHandler>().UseRabbitMq(NoBroker));
        services.AddSingleton(store);
        services.AddSingleton(directory);
        if (!isHarnessFirst)
            services.AddTaskQueueTestHarness();
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var harness = provider.GetRequiredService<ITaskQueueTestHarness>();
        await harness.Start();

        var greeting = await GreetAda(harness);

        Assert.Equal("Hello, Ada!", greeting);
        Assert.Empty(store.ReceivedCalls());
        Assert.Empty(directory.ReceivedCalls());
    }

    [Fact]
    public async Task The_bus_of_the_application_is_left_alone_when_it_would_leave_the_process()
    {
        var services = new ServiceCollection();
        services.AddMassTransit(bus => bus.UsingRabbitMq((_, rabbitMq) => rabbitMq.Host(new Uri(NoBroker))));
        services.AddTaskQueueTestHarness(queue => queue.AddTask<GreetHandler>());
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var harness = provider.GetRequiredService<ITaskQueueTestHarness>();
        await harness.Start();

        Assert.Equal("Hello, Ada!", await GreetAda(harness));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Beside_the_harness_of_MassTransit_the_queue_rides_on_its_bus(bool isOursFirst)
    {
        var services = new ServiceCollection();
        services.AddTaskQueue(queue => queue.AddTask<GreetHandler>().UseRabbitMq(NoBroker));
        if (isOursFirst)
            services.AddTaskQueueTestHarness();
        services.AddMassTransitTestHarness(TextWriter.Null);
        if (!isOursFirst)
            services.AddTaskQueueTestHarness();
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var massTransit = provider.GetRequiredService<ITestHarness>();
        var harness = provider.GetRequiredService<ITaskQueueTestHarness>();
        var deadline = massTransit.CancellationToken;
        await massTransit.Start();
        await harness.Start(deadline);
        var message = new RunTask<Greet>(new Greet("Ada"));

        await massTransit.Bus.Publish(message, deadline);
        var greeting = await harness.Result<string>(message.RunId, cancellationToken: deadline);

        Assert.Equal("Hello, Ada!", greeting);
        Assert.True(await massTransit.Published.Any<RunTask<Greet>>(deadline));
        Assert.True(await massTransit.Consumed.Any<IRunTask>(deadline));
    }

    [Fact]
    public async Task A_clock_that_is_registered_over_that_of_the_test_is_refused_at_the_start()
    {
        var services = new ServiceCollection().AddTaskQueueTestHarness().AddSingleton(TimeProvider.System);
        await using var provider = services.BuildServiceProvider();
        var harness = provider.GetRequiredService<ITaskQueueTestHarness>();

        var error = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => harness.Start());

        Assert.Contains("after AddTaskQueueTestHarness", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_never_ends_does_not_keep_the_test_from_ending()
    {
        var fixture = await HarnessFixture.Start(queue => queue.AddTask((Import _) => new TaskCompletionSource().Task));
        fixture.Harness.Patience = TimeSpan.Zero;
        var run = await fixture.Harness.Client.Run(new Import("a.csv"));
        await fixture.Harness.WaitFor(run.RunId, TaskState.Running);

        await fixture.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
    }

    [Fact]
    public async Task A_host_stops_at_once_although_a_handler_waits()
    {
        var application = Host.CreateApplicationBuilder();
        application.Services.AddTaskQueueTestHarness(queue => queue.AddTask(Handlers.Hang));
        using var host = application.Build();
        await host.StartAsync();
        var harness = host.Services.GetRequiredService<ITaskQueueTestHarness>();
        var run = await harness.Client.Run(new Import("a.csv"));
        await harness.WaitFor(run.RunId, TaskState.Running);

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);

        Assert.Equal(TaskState.Pending, (await run.Snapshot()).State);
    }

    private static async Task<string> GreetAda(ITaskQueueTestHarness harness)
    {
        var run = await harness.Client.Run(new Greet("Ada"), new RunOptions { Delay = TimeSpan.FromMinutes(1) });
        await harness.Advance(TimeSpan.FromMinutes(1));
        return await harness.Result<string>(run.RunId);
    }
}
