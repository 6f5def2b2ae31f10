namespace TasksBus.Pipeline;

/// <summary>Gives handlers the place where they may run. Safe to share between threads.</summary>
internal sealed class HandlerTurns(TaskQueueOptions options) : IDisposable
{
    private readonly HandlerThreads _threads = new(options.DedicatedThreads);
    private readonly SemaphoreSlim _only = new(initialCount: 1, maxCount: 1);

    /// <summary>Waits for a place.</summary>
    /// <param name="execution">Where the handler is to run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IHandlerTurn> Take(HandlerExecution? execution, CancellationToken cancellationToken)
    {
        switch (execution)
        {
            case HandlerExecution.DedicatedThread:
                return await _threads.Take(cancellationToken).ConfigureAwait(false);
            case HandlerExecution.OneAtATime:
                await _only.WaitAsync(cancellationToken).ConfigureAwait(false);
                return new SingleTurn(_only);
            default:
                return PoolTurn.Instance;
        }
    }

    // The semaphore is not disposed: an attempt that was left to itself may still give its turn back.
    public void Dispose() => _threads.Dispose();
}
