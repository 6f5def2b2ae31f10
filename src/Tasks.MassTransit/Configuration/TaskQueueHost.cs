using System.Runtime.InteropServices;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using TasksBus.Client;
using TasksBus.Delays;
using TasksBus.Execution;
using TasksBus.Limits;
using TasksBus.Observation;
using TasksBus.Pipeline;
using TasksBus.Queues;
using TasksBus.Transport;
using TasksBus.Workers;
using TasksBus.Workflows;

namespace TasksBus.Configuration;

/// <summary>Starts and stops the process's part in the task queue together with its host.</summary>
internal sealed class TaskQueueHost(
    TaskCatalogue catalogue, Foundation foundation, IServiceProvider services, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<TaskQueueHost> log)
    : IHostedLifecycleService, IAsyncDisposable
{
    private const int BeatsBetweenLooks = 5;

    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(1);

    private readonly WorkerComponents _components = services.GetRequiredService<WorkerComponents>();
    private readonly ObserverFeed _observers = services.GetRequiredService<ObserverFeed>();

    // Kept for the stop: one who disposes the container without stopping the host, as MassTransit's test harness does, stops us when nothing can be resolved any more.
    private OwnBusLife? _ownBus;
    private LeaseKeeper? _leases;
    private DueDispatcher? _dispatcher;
    private LimitPump? _limits;
    private WorkflowDispatcher? _workflows;
    private WorkerPresence? _presence;
    private QueueReaders? _queues;
    private Slots? _slots;
    private Recycling? _recycling;
    private Supervision? _supervision;
    private int _beats;
    private ITimer? _deadline;
    private IReadOnlyList<PosixSignalRegistration> _secondSignals = [];

    /// <summary>Before any hosted service starts, and so before the application's bus, on which we may ride, brings the first run.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!catalogue.Options.IsWorker)
            return Task.CompletedTask;
        if (!foundation.IsTest)
            ShutdownCheck.Validate(catalogue.Options, services.GetRequiredService<IOptions<HostOptions>>().Value);
        return _components.Start(cancellationToken);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var bus = services.GetRequiredService<QueueBus>();
        await StartingAsync(cancellationToken).ConfigureAwait(false);
        if (catalogue.Options.IsWorker)
            StartWorker(bus.Transport.IsShared);

        log.Starting(catalogue.Options.WorkerName, bus.Transport.Address, foundation.Runs.ToString()!, catalogue.Options.IsWorker ? catalogue.ReadQueues.Count : 0);
        foreach (var queue in catalogue.IdleSettings)
            log.SettingsOfNobody(queue);
        var isInMemory = foundation.Runs is InMemory.InMemorySagaStore;
        if (bus.Transport.IsShared && isInMemory)
            log.TrackedInMemory();
        if (!bus.Transport.IsShared && !isInMemory && !foundation.IsTest)
            log.QueuedInMemory();
        if (bus.Own is null)
            return;
        _ownBus = new OwnBusLife(bus.Own, bus.Transport.Address);
        if (!await _ownBus.Start().ConfigureAwait(false))
            log.BrokerIsAway(bus.Transport.Address);
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        TellOfWorker(static (observer, worker) => observer.WorkerStarted(worker));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        TellOfWorker(static (observer, worker) => observer.WorkerStopping(worker));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // First: what it takes while the bus stops could not be sent any more, and would stay hidden from healthy workers.
        if (_dispatcher is not null)
            await _dispatcher.Stop().ConfigureAwait(false);
        if (_limits is not null)
            await _limits.Stop().ConfigureAwait(false);
        if (_workflows is not null)
            await _workflows.Stop().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _ownBus, null) is not { } bus)
            return;
        using (bus)
        {
            await bus.FinishStart().ConfigureAwait(false);
            if (_queues is not null)
                await _queues.Left.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await bus.Stop(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>After every hosted service has stopped, and so after the bus, whosever it is, has waited for the attempts.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_presence is not null && await HasEnded(cancellationToken).ConfigureAwait(false))
            await _presence.Leave().ConfigureAwait(false);
        await _components.Stop(cancellationToken).ConfigureAwait(false);
        TellOfWorker(static (observer, worker) => observer.WorkerStopped(worker));
        await _observers.Close(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var signal in _secondSignals)
            signal.Dispose();
        if (_deadline is not null)
            await _deadline.DisposeAsync().ConfigureAwait(false);
    }

    private void TellOfWorker(Func<ITaskObserver, string, Task> tell)
    {
        if (catalogue.Options.IsWorker)
            _observers.Tell(observer => tell(observer, catalogue.Options.WorkerName));
    }

    private void StartWorker(bool isShared)
    {
        _recycling = services.GetRequiredService<Recycling>();
        if (isShared)
            _recycling.Start();
        else if (_recycling.IsWanted && !foundation.IsTest)
            log.NotRecycled();
        _supervision = services.GetRequiredService<Supervision>();
        _supervision.Start();
        _leases = services.GetRequiredService<LeaseKeeper>();
        _leases.Start();
        _dispatcher = services.GetRequiredService<DueDispatcher>();
        _dispatcher.Start();
        _limits = services.GetRequiredService<LimitPump>();
        _limits.Start();
        _workflows = services.GetRequiredService<WorkflowDispatcher>();
        _workflows.Start();
        _presence = services.GetRequiredService<WorkerPresence>();
        _presence.Forgotten += (_, _) => _ = Announce();
        _presence.Beat();
        _queues = services.GetRequiredService<QueueReaders>();
        _slots = services.GetRequiredService<Slots>();
        var (lost, forgotten, pool) = (services.GetRequiredService<LostWorkers>(), services.GetRequiredService<ForgottenRuns>(), services.GetRequiredService<ThreadPoolRelief>());
        var round = catalogue.Options.Lease / 4;
        services.GetRequiredService<Heart>().Start(round < LongestBeat ? round : LongestBeat, () => Beat(lost, forgotten, pool, isShared));
        lifetime.ApplicationStopping.Register(GiveAttemptsTheirDeadline);
        _ = Announce();
    }

    private void Beat(LostWorkers lost, ForgottenRuns forgotten, ThreadPoolRelief pool, bool isShared)
    {
        pool.Look();
        _presence!.Beat();
        _leases!.RenewAll();
        _recycling!.Look();
        _supervision!.Look();
        _ = lost.LookWhenDue(lifetime.ApplicationStopping);
        _ = forgotten.LookWhenDue(lifetime.ApplicationStopping);
        if (++_beats % BeatsBetweenLooks == 0)
            _ = _queues!.Look();
        if (isShared && lifetime.ApplicationStopping.IsCancellationRequested)
            _leases.StopWaiting(StopReason.WorkerStops);
    }

    /// <summary>Waits for runs whose delivery was lost, with its connection, and which no bus waits for.</summary>
    /// <returns>Whether nothing runs here any more. If something does, it is under its lease, and the worker must not be taken for one that has given back what it held.</returns>
    private async Task<bool> HasEnded(CancellationToken cancellationToken)
    {
        try
        {
            await _slots!.BecomeFree(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            log.StoppedTooLate(catalogue.Options.WorkerName);
            return false;
        }
    }

    /// <remarks>Who asks a second time does not want to wait for it.</remarks>
    private void GiveAttemptsTheirDeadline()
    {
        _deadline = clock.CreateTimer(_ => HandOver(), state: null, catalogue.Options.ShutdownTimeout, Timeout.InfiniteTimeSpan);
        _secondSignals = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT }.Select(signal => PosixSignalRegistration.Create(signal, _ => HandOver()))];
    }

    private void HandOver() => _leases!.StopAll(StopReason.WorkerStops);

    private async Task Announce()
    {
        var tasks = catalogue.Tasks.Where(task => task.Invoker is not null).Select(task => new TaskListing(task.Name, task.Queue)).ToList();
        for (var tries = 1; !lifetime.ApplicationStopping.IsCancellationRequested; tries++)
        {
            try
            {
                await foundation.Directory.Announce(tasks, lifetime.ApplicationStopping).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                log.NotAnnounced(exception, tries);
                await Task.Delay(TimeSpan.FromSeconds(5), clock, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
