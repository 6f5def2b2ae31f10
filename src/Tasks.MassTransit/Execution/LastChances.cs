using Microsoft.Extensions.Hosting;

using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>
/// Lets runs that may have taken down their workers, and end with the next one that dies, run one at a time in this process: if it dies, only the one that ran is to
/// blame, and the others, which have not been claimed, keep their chance. Safe to share between threads.
/// </summary>
internal sealed class LastChances(RunTracker tracker, IHostApplicationLifetime lifetime) : IDisposable
{
    private readonly SemaphoreSlim _one = new(initialCount: 1);

    /// <summary>Waits for the turn of a run, if it needs one.</summary>
    /// <returns>To be disposed of when its attempt has ended.</returns>
    /// <exception cref="RunReleasedException">This worker stops; another one is to have the run.</exception>
    public async ValueTask<IDisposable?> Enter(RunMessage message, TaskOptions task, bool isFirstDelivery, CancellationToken cancellationToken)
    {
        var lost = isFirstDelivery ? message.LostWorkers : await Count(message.RunId, cancellationToken).ConfigureAwait(false);
        if (lost == 0 || lost + 1 < task.MaxLostWorkers)
            return null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await _one.WaitAsync(end.Token).ConfigureAwait(false);
            return new Turn(_one);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunReleasedException();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <remarks>What comes again, and is running by its record, has lost its worker just now; or its worker lives, and the claim will say so.</remarks>
    private async ValueTask<int> Count(Guid runId, CancellationToken cancellationToken) =>
        await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is { Saga: var run } ? run.LostWorkers + (run.Is(TaskState.Running) ? 1 : 0) : 0;

    private sealed class Turn(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }
}
