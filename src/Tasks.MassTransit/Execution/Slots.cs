using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;

using TasksBus.Configuration;

namespace TasksBus.Execution;

/// <summary>The slots of this worker: as many runs of each queue as may go on here at a time. Safe to share between threads.</summary>
/// <remarks>The endpoint of a queue counts its deliveries, and a delivery ends with its connection; the run that came with it goes on.</remarks>
internal sealed class Slots(TaskCatalogue catalogue, IHostApplicationLifetime lifetime)
{
    /// <summary>Then the message goes back to the broker: another worker may have a slot for it.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // Never disposed of: a run that was left behind gives its slot back when everything else is gone.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _queues = new(StringComparer.Ordinal);

    /// <summary>Takes a slot of a queue, if there is one.</summary>
    public Slot? TryTake(string queue) => Of(queue) is var slots && slots.Wait(TimeSpan.Zero, CancellationToken.None) ? new Slot(slots) : null;

    /// <summary>Waits for a slot of a queue: the endpoint brings no more than there are, but some may be held by runs whose deliveries it has lost.</summary>
    /// <exception cref="RunReleasedException">There was none for too long, or the worker stops: the message is to go back.</exception>
    public async Task<Slot> Take(string queue, CancellationToken delivery)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(delivery, lifetime.ApplicationStopping);
        var slots = Of(queue);
        try
        {
            return await slots.WaitAsync(LongestWait, end.Token).ConfigureAwait(false) ? new Slot(slots) : throw new RunReleasedException();
        }
        catch (OperationCanceledException) when (!delivery.IsCancellationRequested)
        {
            throw new RunReleasedException();
        }
    }

    /// <summary>Ends when nothing goes on here.</summary>
    public Task BecomeFree(CancellationToken cancellationToken) => Task.WhenAll(_queues.Select(queue => BecomeFree(queue.Value, catalogue.ConcurrencyOf(queue.Key), cancellationToken)));

    private static async Task BecomeFree(SemaphoreSlim slots, int count, CancellationToken cancellationToken)
    {
        var taken = 0;
        try
        {
            for (; taken < count; taken++)
            {
                // A wait that is cancelled already takes nothing, though there is something.
                if (!slots.Wait(TimeSpan.Zero, CancellationToken.None))
                    await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (taken > 0)
                slots.Release(taken);
        }
    }

    private SemaphoreSlim Of(string queue) => _queues.GetOrAdd(queue, static (queue, catalogue) => new SemaphoreSlim(catalogue.ConcurrencyOf(queue)), catalogue);
}

/// <summary>A slot that is taken until it is disposed of.</summary>
internal sealed class Slot(SemaphoreSlim slots) : IDisposable
{
    public void Dispose() => slots.Release();
}
