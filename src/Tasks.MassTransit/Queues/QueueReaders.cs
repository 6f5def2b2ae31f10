using System.Collections.Concurrent;

using MassTransit;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Execution;
using TasksBus.Transport;
using TasksBus.Workers;

namespace TasksBus.Queues;

/// <summary>Reads the queues of this worker: those of its options, changed by what was said while the workers run.</summary>
internal sealed class QueueReaders(TaskCatalogue catalogue, QueueSettings settings, WorkerPresence presence, IServiceProvider services, ILogger<QueueReaders> log)
    : IBusReader, IAsyncDisposable
{
    /// <summary>So long the broker may take to deliver nothing more of a queue.</summary>
    private static readonly TimeSpan LongestCancel = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, QueueReader> _readers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _one = new(initialCount: 1);
    private IReadOnlySet<string> _configured = new HashSet<string>(StringComparer.Ordinal);
    private Func<string, QueueReader>? _create;
    private IAsyncDisposable? _watch;
    private volatile bool _isLeaving;

    /// <summary>Reads what this worker is to read, from now on.</summary>
    public async Task Connect(IBus bus, IQueueTransport transport)
    {
        if (!catalogue.Options.IsWorker)
            return;
        _configured = transport.IsShared ? catalogue.ReadQueues : catalogue.OwnQueues;
        _create = queue =>
        {
            var endpoint = ActivatorUtilities.CreateInstance<QueueEndpoint>(services, queue);
            return new QueueReader(() => bus.ConnectReceiveEndpoint(endpoint.BrokerQueue, configurator => endpoint.Configure(configurator, transport)));
        };

        await Apply(await Listen().ConfigureAwait(false) ?? new Dictionary<string, QueueSaga>(StringComparer.Ordinal)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void StopTakingRuns()
    {
        _isLeaving = true;
        foreach (var (queue, reader) in _readers)
            _ = Close(queue, reader);
    }

    /// <summary>Looks whether something else was said.</summary>
    public async Task Look()
    {
        // Endpoints open and close in their own time: one that still runs an attempt must not keep the others from hearing what is said.
        if (_create is not null && await Listen().ConfigureAwait(false) is { } said)
            _ = Apply(said);
    }

    /// <summary>Ends when no run goes on at endpoints that the bus has forgotten: it would not wait for them.</summary>
    public Task Left => Task.WhenAll(_readers.Values.Select(reader => reader.Left));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_watch is not null)
            await _watch.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>What was said; null if the store does not answer.</returns>
    private async Task<IReadOnlyDictionary<string, QueueSaga>?> Listen()
    {
        await _one.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            _watch ??= await settings.Watch(() => _ = Look(), _stop.Token).ConfigureAwait(false);
            return await settings.Load(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            log.SettingsNotRead(exception);
            return null;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task Apply(IReadOnlyDictionary<string, QueueSaga> said)
    {
        if (_isLeaving)
            return;
        var worker = catalogue.Options.WorkerName;
        var wanted = _configured.Union(said.Keys, StringComparer.Ordinal)
            .Where(queue => said.TryGetValue(queue, out var setting) ? setting.IsReadBy(worker, _configured.Contains(queue)) : _configured.Contains(queue))
            .ToHashSet(StringComparer.Ordinal);
        var isChanged = !wanted.SetEquals(_readers.Where(reader => reader.Value.IsWanted).Select(reader => reader.Key));

        var opening = wanted.Select(queue => Open(queue, _readers.GetOrAdd(queue, _create!))).ToList();
        var closing = _readers.Where(reader => !wanted.Contains(reader.Key)).Select(reader => Close(reader.Key, reader.Value)).ToList();

        // A queue that was left is shown so once nothing more of it comes in; what still runs of it may take longer.
        await Task.WhenAny(Task.WhenAll(closing), Task.Delay(LongestCancel, TimeProvider.System, _stop.Token)).ConfigureAwait(false);
        if (isChanged)
            await presence.Show([.. _readers.Where(reader => reader.Value.IsWanted).Select(reader => reader.Key).Order(StringComparer.Ordinal)]).ConfigureAwait(false);
        await Task.WhenAll(opening).ConfigureAwait(false);
    }

    private async Task Open(string queue, QueueReader reader)
    {
        try
        {
            await reader.Want(isWanted: true).ConfigureAwait(false);
            if (_isLeaving)
                await reader.Want(isWanted: false).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.NotOpened(exception, queue);
        }
    }

    private async Task Close(string queue, QueueReader reader)
    {
        if (!reader.IsWanted)
            return;
        log.Leaves(queue);
        try
        {
            await reader.Want(isWanted: false).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.NotLeft(exception, queue);
        }
    }
}
