using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

/// <summary>A started harness without a host.</summary>
internal sealed class HarnessFixture(ServiceProvider services) : IAsyncDisposable
{
    public ITaskQueueTestHarness Harness { get; } = services.GetRequiredService<ITaskQueueTestHarness>();

    public IServiceProvider Services => services;

    public static async Task<HarnessFixture> Start(Action<ITaskQueueBuilder> configure)
    {
        var fixture = new HarnessFixture(new ServiceCollection().AddTaskQueueTestHarness(configure).BuildServiceProvider(validateScopes: true));
        await fixture.Harness.Start();
        return fixture;
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();
}

public record Greet(string Name) : ITask<string>;

public record Import(string File) : ITask;

public class GreetHandler : ITaskHandler<Greet, string>
{
    public Task<string> Run(Greet task, TaskContext context) => Task.FromResult($"Hello, {task.Name}!");
}

/// <summary>Handlers for the tests to register.</summary>
internal static class Handlers
{
    /// <summary>Fails every attempt.</summary>
    public static Task Fail(Import task) => throw new InvalidOperationException($"{task.File} is broken");

    /// <summary>Ends only when it is cancelled.</summary>
    public static Task Hang(Import _, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
}
