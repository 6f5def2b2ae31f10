using System.Runtime.CompilerServices;

using MassTransit;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.Tests.Servers;

using static TasksBus.Tests.Messages.ShopApplication;

namespace TasksBus.Tests.Examples;

/// <summary>The code of the package's README about MassTransit's message scheduler; it stands below as it stands there, but for names that keep tests apart.</summary>
public sealed class ReadmeMessageSchedulerTests : IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(_prefix, nameof(Order));

    [Fact]
    public async Task The_timeout_of_a_state_machine_comes_as_the_application_has_scheduled_it()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        ApartFromOtherTests(builder.Services);

        var scheduler = new Uri($"queue:{_prefix}-scheduler");

        builder.Services.AddMassTransit(bus =>
        {
            bus.AddMessageScheduler(scheduler);
            bus.AddSagaStateMachine<OrderStateMachine, Order>().InMemoryRepository();
            bus.UsingRabbitMq((context, configurator) =>
            {
                configurator.UseMessageScheduler(scheduler);
                configurator.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddTaskQueue(queue => queue.UseRedis(RealServers.Redis).UseMessageScheduling());

        using var app = builder.Build();
        await app.StartAsync();
        var (order, diary) = (Guid.NewGuid(), app.Services.GetRequiredService<Diary>());
        await app.Services.GetRequiredService<IBus>().Publish(new OrderSubmitted(order, TimeSpan.FromMilliseconds(200)));
        var (submitted, end) = (await diary.Next(order), await diary.Next(order));
        await app.StopAsync();

        Assert.Equal(("submitted", "timed out"), (submitted.What, end.What));
    }

    [Fact]
    public void Its_code_is_the_code_above_and_its_address_is_the_default()
    {
        var above = File.ReadAllLines(ThisFile()).Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        var block = Assert.Single(Repository.ReadmeBlocks("csharp", Path.Combine("src", "Tasks.Scheduling")), code => code.Contains("UseMessageScheduling", StringComparison.Ordinal));

        var lines = block.Replace("\"queue:tasksbus-scheduler\"", "$\"queue:{_prefix}-scheduler\"", StringComparison.Ordinal).Replace("\"localhost:6379\"", "RealServers.Redis", StringComparison.Ordinal);

        Assert.All(lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line, above));
        Assert.Contains($"\"queue:{new TaskQueueOptions().Prefix}-scheduler\"", block, StringComparison.Ordinal);
    }

    private void ApartFromOtherTests(IServiceCollection services)
    {
        var broker = new Uri(RealServers.RabbitMq);
        services.AddSingleton<Diary>();
        services.AddSingleton<IEndpointNameFormatter>(new DefaultEndpointNameFormatter(_prefix + ".", includeNamespace: false));
        services.AddOptions<RabbitMqTransportOptions>().Configure(options => (options.Host, options.Port) = (broker.Host, (ushort)broker.Port));
        services.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = true);
        services.AddTaskQueue(queue => queue.Configure(options => options.Prefix = _prefix));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
