using Microsoft.Extensions.Hosting;

using TasksBus.Client;
using TasksBus.Tracking;
using TasksBus.Transport;

namespace TasksBus.Execution;

/// <summary>Says when this worker may start a run: none any more once it stops, and those that may have taken down their workers one after the other. Safe to share between threads.</summary>
/// <remarks>
/// A run that has lost workers, and would end with the next one, may be the culprit or have stood beside it. If the worker dies, only the one that ran is to blame: the
/// others, which have not been claimed, keep their chance.
/// </remarks>
#pragma warning disable CA1001 // A run that was left to itself may still give its turn back when everything is disposed of.
internal sealed class Admission(RunTracker tracker, QueueBus bus, IHostApplicationLifetime lifetime, TimeProvider clock)
#pragma warning restore CA1001
{
    /// <summary>So long what comes in is held before it is given back: until the bus stops, the broker might give it to this worker again at once.</summary>
    private static readonly TimeSpan BeforeReturn = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(initialCount: 1);

    /// <summary>Waits for the turn of a run, if it needs one.</summary>
    /// <returns>To be disposed of when its attempt has ended; null: it needs none.</returns>
    /// <exception cref="RunReleasedException">This worker stops; another one is to have the run.</exception>
    public async ValueTask<Turn?> Enter(RunMessage message, TaskOptions task, bool isRedelivered, CancellationToken cancellationToken)
    {
        if (IsStopping)
            throw await Return(cancellationToken).ConfigureAwait(false);
        var lost = isRedelivered ? await CountLost(message.RunId, cancellationToken).ConfigureAwait(false) : message.LostWorkers;
        if (lost == 0 || lost + 1 < task.MaxLostWorkers)
            return null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bus.Transport.IsShared ? lifetime.ApplicationStopping : CancellationToken.None);
        try
        {
            await _one.WaitAsync(end.Token).ConfigureAwait(false);
            return new Turn(_one, clock);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw await Return(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <remarks>A bus in memory has nobody else to give its runs to.</remarks>
    private bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested && bus.Transport.IsShared;

    /// <returns>To be thrown.</returns>
    private async Task<RunReleasedException> Return(CancellationToken cancellationToken)
    {
        await Task.Delay(BeforeReturn, clock, cancellationToken).ConfigureAwait(false);
        return new RunReleasedException();
    }

    /// <remarks>What comes again, and is running by its record, has lost its worker just now; or its worker lives, and the claim will say so.</remarks>
    private async ValueTask<int> CountLost(Guid runId, CancellationToken cancellationToken) =>
        await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is { Saga: var run } ? run.LostWorkers + (run.Is(TaskState.Running) ? 1 : 0) : 0;
}
