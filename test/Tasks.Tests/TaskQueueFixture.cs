using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.Configuration;

namespace TasksBus.Tests;

/// <summary>A host with a task queue: embedded unless it is configured otherwise, under a prefix of its own, so that tests can share servers.</summary>
internal sealed class TaskQueueFixture : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen, before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IHost _host;

    private TaskQueueFixture(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public ITaskClient Client => Services.GetRequiredService<ITaskClient>();

    public ITaskMonitor Monitor => Services.GetRequiredService<ITaskMonitor>();

    public TaskQueueOptions Options => Services.GetRequiredService<TaskQueueOptions>();

    /// <summary>Starts a host with a task queue.</summary>
    public static Task<TaskQueueFixture> Start(Action<ITaskQueueBuilder> configure, Action<IServiceCollection>? services = null) =>
        StartHost(all =>
        {
            services?.Invoke(all);
            all.AddTaskQueue(Isolate).AddTaskQueue(configure);
        });

    /// <summary>Starts a host with these services, among which is a task queue.</summary>
    public static async Task<TaskQueueFixture> StartHost(Action<IServiceCollection> services)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        services(builder.Services);
        var fixture = new TaskQueueFixture(builder.Build());
        try
        {
            await fixture._host.StartAsync().WaitAsync(Patience);
            return fixture;
        }
        catch
        {
            fixture._host.Dispose();
            throw;
        }
    }

    /// <summary>Gives a task queue a prefix that nobody else has, and lets its host stop soon although a handler still runs.</summary>
    public static void Isolate(ITaskQueueBuilder queue) => queue.Configure(options =>
    {
        options.Prefix = $"test-{Guid.NewGuid():N}";
        options.ShutdownTimeout = TimeSpan.FromSeconds(1);
        options.CancellationGrace = TimeSpan.FromSeconds(1);
        options.UnknownTaskPatience = TimeSpan.Zero;
    });

    /// <summary>The run once it is final.</summary>
    public static Task<TaskSnapshot> EndOf(TaskHandle run) => run.Completion(Patience);

    /// <summary>The run once it is in a state.</summary>
    public static async Task<TaskSnapshot> Until(TaskHandle run, TaskState state)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var snapshot in run.Watch(patience.Token))
        {
            if (snapshot.State == state)
                return snapshot;
        }

        throw new InvalidOperationException($"Run {run.RunId} ended without having been seen {state}.");
    }

    /// <summary>Stops the host as an application does.</summary>
    public Task Stop() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
