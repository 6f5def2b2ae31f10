using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Tracking;

namespace TasksBus.Messages;

/// <summary>Hands on the messages that are due, from when the endpoint reads until the host stops.</summary>
internal sealed class MessageDispatcher(ScheduledMessages messages, DueMessages due, Foundation foundation, TaskQueueOptions options, TimeProvider clock, ILogger<DueDispatcher> log)
    : IHostedLifecycleService, IClockDriven, IAsyncDisposable
{
    private readonly TimeSpan _hiddenFor = 2 * options.SubmitTimeout;
    private readonly DueDispatcher _dispatcher = new(messages.Documents.Store, due.HandOn, 2 * options.SubmitTimeout, ahead: TimeSpan.Zero, clock, log);

    /// <remarks>Under a test's clock it is told when to look.</remarks>
    public void Start()
    {
        if (!foundation.IsTest)
            _dispatcher.Start();
    }

    /// <remarks>Taking what was due before all time takes nothing, and tells what is next; the store of a test answers at once.</remarks>
    public DateTimeOffset? NextAt => NextOf(messages.Documents.Store.TakeDue(DateTimeOffset.UnixEpoch, _hiddenFor, limit: 1));

    public Task RunDue(DateTimeOffset now, CancellationToken cancellationToken) => _dispatcher.DispatchDue(cancellationToken);

    /// <summary>Before the bus stops: what was taken then could not be sent any more, and would stay hidden from the other nodes.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => _dispatcher.Stop();

    public ValueTask DisposeAsync() => _dispatcher.DisposeAsync();

    private static DateTimeOffset? NextOf(ValueTask<DueSagas> answer) => answer.IsCompletedSuccessfully ? answer.Result.NextAt : null;

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
