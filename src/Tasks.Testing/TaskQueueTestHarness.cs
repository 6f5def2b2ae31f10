using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

using TasksBus.Configuration;
using TasksBus.Execution;
using TasksBus.Pipeline;
using TasksBus.Transport;

namespace TasksBus.Testing;

/// <summary>The harness. It is a hosted service too, and so learns who starts and stops the application.</summary>
internal sealed class TaskQueueTestHarness(
    IServiceProvider services, IHostApplicationLifetime lifetime, ITaskClient client, ITaskMonitor monitor, TaskCatalogue catalogue,
    TestClock clock, Settling settling, RunRecorder recorder, LeaseKeeper leases, EndpointConnector connector)
    : ITaskQueueTestHarness, IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private IReadOnlyList<IHostedService> _started = [];
    private CancellationTokenRegistration _stopping;
    private bool _isStarted;

    public FakeTimeProvider Clock => clock;

    public ITaskClient Client => client;

    public ITaskMonitor Monitor => monitor;

    public SubmittedRuns Submitted => new(recorder.Submitted, catalogue);

    public TimeSpan Patience
    {
        get => settling.Patience;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            settling.Patience = value;
        }
    }

    public async Task Start(CancellationToken cancellationToken = default)
    {
        if (!_isStarted)
        {
            _started = [.. services.GetServices<IHostedService>()];
            foreach (var service in _started.OfType<IHostedLifecycleService>())
                await service.StartingAsync(cancellationToken).ConfigureAwait(false);
            foreach (var service in _started)
                await service.StartAsync(cancellationToken).ConfigureAwait(false);
            foreach (var service in _started.OfType<IHostedLifecycleService>())
                await service.StartedAsync(cancellationToken).ConfigureAwait(false);
        }

        await connector.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task Advance(TimeSpan time, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return _isStarted
            ? settling.Advance(time, cancellationToken)
            : throw new InvalidOperationException($"Nothing runs that the clock could move: call {nameof(Start)} first, or start the host.");
    }

    public Task<TaskSnapshot> WaitFor(Guid runId, TaskState state, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Wait(runId, state, timeout, async () =>
        {
            var now = await client.Find(runId).Snapshot(cancellationToken).ConfigureAwait(false);
            if (now.State == state)
                return now;
            return state == TaskState.NotFound ? null : recorder.HistoryOf(runId).LastOrDefault(entry => entry.Run.State == state).Run;
        }, cancellationToken);

    public async Task<T> Result<T>(Guid runId, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        await Wait(runId, state: null, timeout, () => new(recorder.HistoryOf(runId).LastOrDefault(entry => entry.Run.IsFinal).Run), cancellationToken).ConfigureAwait(false);
        return await client.Find<T>(runId).Result(cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public IReadOnlyList<TaskProgress> Progress(Guid runId) => recorder.ProgressOf(runId);

    /// <summary>Somebody starts the application.</summary>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<TimeProvider>() != clock)
        {
            throw new TaskQueueConfigurationException(
                $"A {nameof(TimeProvider)} was registered after {nameof(TaskQueueTestHarnessServiceCollectionExtensions.AddTaskQueueTestHarness)}, in place of the test's clock. " +
                "Call it after the application's own registrations, as in ConfigureTestServices.");
        }

        _isStarted = true;
        _stopping = lifetime.ApplicationStopping.Register(() => _ = EndAttempts());
        return Task.CompletedTask;
    }

    /// <summary>A host has started everything; the bus of its application may be behind, and would drop what is published.</summary>
    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => connector.Connected.WaitAsync(cancellationToken);

    /// <summary>Somebody stops the application, in whatever order, perhaps without saying so before.</summary>
    Task IHostedService.StopAsync(CancellationToken cancellationToken) => EndAttempts();

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_started.Count > 0)
            lifetime.StopApplication();
        foreach (var service in _started.OfType<IHostedLifecycleService>().Reverse())
            await service.StoppingAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var service in _started.Reverse())
            await service.StopAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var service in _started.OfType<IHostedLifecycleService>().Reverse())
            await service.StoppedAsync(CancellationToken.None).ConfigureAwait(false);
        await _stopping.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Looks again whenever anything moves, until the run is in the state, or final if none is named.</summary>
    private async Task<TaskSnapshot> Wait(Guid runId, TaskState? state, TimeSpan? timeout, Func<ValueTask<TaskSnapshot?>> look, CancellationToken cancellationToken)
    {
        var longest = timeout ?? DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.Zero, nameof(timeout));
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // Read in this order: what ends while we look is seen in the next round.
            var life = recorder.NextLife;
            var history = recorder.HistoryOf(runId);
            if (await look().ConfigureAwait(false) is { } reached)
                return reached;

            var left = longest - TimeProvider.System.GetElapsedTime(since);
            var isTooLate = state != TaskState.NotFound && history.Count > 0 && history[^1].Run.IsFinal;
            if (isTooLate || left <= TimeSpan.Zero)
                throw NotReached(runId, isTooLate ? $"It will not become {state} any more." : $"It was not {state?.ToString() ?? "final"} within {longest}.", history);
            await life.WaitAsync(left, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private StateNotReachedException NotReached(Guid runId, string what, IReadOnlyList<(DateTimeOffset At, TaskSnapshot Run)> history) =>
        new($"{what} {RunStory.Tell(runId, history, clock.GetUtcNow())}", history.Count == 0 ? TaskSnapshot.NotFound(runId) : history[^1].Run);

    /// <summary>Ends what still runs: the stop of the application waits for it, and on a clock that stands still no deadline passes.</summary>
    private async Task EndAttempts()
    {
        for (var tries = 0; tries < 3 && recorder.IsAnyRunning; tries++)
        {
            leases.StopAll(StopReason.WorkerStops);
            await settling.WaitForAttempts().ConfigureAwait(false);
            clock.Advance(catalogue.Options.CancellationGrace);
        }
    }
}
