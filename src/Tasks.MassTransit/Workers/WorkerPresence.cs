using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workers;

/// <summary>Shows others that this worker lives.</summary>
internal sealed class WorkerPresence(WorkerRegistry workers, TaskCatalogue catalogue, TimeProvider clock, ILogger<WorkerPresence> log)
{
    private readonly TaskQueueOptions _options = catalogue.Options;

    /// <summary>Shorter than that of a run: others need a moment to find that it is over, and the runs are to go on within theirs.</summary>
    private readonly TimeSpan _lease = catalogue.Options.Lease * 0.9;

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private volatile IReadOnlyList<string> _queues = [];
    private long _token;
    private int _isRegistering;
    private volatile bool _hasLeft;

    /// <summary>Raised when the store does not know this worker any more, though it has shown up.</summary>
    public event EventHandler? Forgotten;

    private Guid Id => NamedId.Of(_options.WorkerName);

    /// <summary>Shows up once more.</summary>
    /// <remarks>What renews the lease is under way when this returns: it must not need the thread pool.</remarks>
    public void Beat()
    {
        if (_hasLeft)
            return;
        if (Volatile.Read(ref _token) == 0)
            _ = Attend(Register());
        else
            _ = Attend(Renew(workers.Documents.Store.RenewLease(Id, _token, _lease)));
    }

    /// <summary>Shows up for the first time, or again after others have given this worker up.</summary>
    public async Task Register()
    {
        if (Interlocked.Exchange(ref _isRegistering, 1) == 1)
            return;
        var queues = _queues;
        try
        {
            var stored = await workers.Documents.Load(Id).ConfigureAwait(false);
            if (stored is null && Volatile.Read(ref _token) != 0)
                Miss();
            var worker = Describe(token: (stored?.Saga.Token ?? 0) + 1);
            if (await workers.Documents.Save(new SagaDocument<WorkerSaga>(worker, stored?.Version ?? 0)).ConfigureAwait(false) is null)
                Volatile.Write(ref _token, worker.Token);
        }
        finally
        {
            Volatile.Write(ref _isRegistering, 0);
        }

        // What was shown meanwhile has found us busy.
        if (!ReferenceEquals(queues, _queues))
            await Register().ConfigureAwait(false);
    }

    /// <summary>Shows which queues this worker reads.</summary>
    public Task Show(IReadOnlyList<string> queues)
    {
        _queues = queues;
        return _hasLeft ? Task.CompletedTask : Attend(Register());
    }

    /// <summary>Takes leave: nothing runs here any more.</summary>
    public Task Leave()
    {
        _hasLeft = true;
        return Attend(Remove());
    }

    private void Miss()
    {
        log.StoreForgot(_options.WorkerName);
        Forgotten?.Invoke(this, EventArgs.Empty);
    }

    private async Task Renew(ValueTask<bool> renewing)
    {
        if (!await renewing.ConfigureAwait(false))
            await Register().ConfigureAwait(false);
    }

    private async Task Remove()
    {
        if (await workers.Documents.Load(Id).ConfigureAwait(false) is { } stored && stored.Saga.Token == _token)
            await workers.Documents.Store.Remove(Id, stored.Version).ConfigureAwait(false);
    }

    private async Task Attend(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Nobody waits for it, and the next beat tries again.
            log.NotSeen(exception);
            workers.MissBeat();
        }
    }

    private WorkerSaga Describe(long token) => new()
    {
        CorrelationId = Id,
        Name = _options.WorkerName,
        Machine = Environment.MachineName,
        ProcessId = Environment.ProcessId,
        StartedAt = _startedAt,
        Queues = _queues,
        Concurrency = _options.Concurrency,
        Lease = _lease,
        Token = token,
    };
}
