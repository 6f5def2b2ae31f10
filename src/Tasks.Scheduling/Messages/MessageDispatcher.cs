using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Delays;

namespace TasksBus.Messages;

/// <summary>Hands on the messages that are due, from when the endpoint reads until the host stops.</summary>
internal sealed class MessageDispatcher(ScheduledMessages messages, DueMessages due, Foundation foundation, TaskQueueOptions options, TimeProvider clock, ILogger<DueDispatcher> log)
    : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>What finds them.</summary>
    public DueDispatcher Due { get; } = new(messages.Documents.Store, due.HandOn, 2 * options.SubmitTimeout, ahead: TimeSpan.Zero, clock, log);

    /// <remarks>Under a test's clock it is told when to look.</remarks>
    public void Start()
    {
        if (!foundation.IsTest)
            Due.Start();
    }

    /// <summary>Before the bus stops: what was taken then could not be sent any more, and would stay hidden from the other nodes.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => Due.Stop();

    public ValueTask DisposeAsync() => Due.DisposeAsync();

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
