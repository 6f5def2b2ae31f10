using Microsoft.Extensions.Hosting;

using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>
/// Lets runs that may have taken down their workers, and end with the next one that dies, start one after the other in this process: if it dies, only the one
/// that runs is to blame, and the others, which have not been claimed, keep their chance. Safe to share between threads.
/// </summary>
#pragma warning disable CA1001 // A run that was left to itself may give its turn back when everything is disposed of.
internal sealed class LastChances(RunTracker tracker, IHostApplicationLifetime lifetime, TimeProvider clock)
#pragma warning restore CA1001
{
    /// <summary>So long a run has its worker to itself among its like. What takes a worker down does it soon; whoever is innocent must not hold up the others for hours.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BeforeReturn = TimeSpan.FromSeconds(1);

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
            return new Turn(_one, clock);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Until its bus stops, this worker would be given it again at once.
            await Task.Delay(BeforeReturn, clock, cancellationToken).ConfigureAwait(false);
            throw new RunReleasedException();
        }
    }

    /// <remarks>What comes again, and is running by its record, has lost its worker just now; or its worker lives, and the claim will say so.</remarks>
    private async ValueTask<int> Count(Guid runId, CancellationToken cancellationToken) =>
        await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is { Saga: var run } ? run.LostWorkers + (run.Is(TaskState.Running) ? 1 : 0) : 0;

    private sealed class Turn : IDisposable
    {
        private readonly ITimer _end;
        private SemaphoreSlim? _one;

        public Turn(SemaphoreSlim one, TimeProvider clock)
        {
            _one = one;
            _end = clock.CreateTimer(_ => End(), state: null, Longest, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _end.Dispose();
            End();
        }

        private void End() => Interlocked.Exchange(ref _one, null)?.Release();
    }
}
