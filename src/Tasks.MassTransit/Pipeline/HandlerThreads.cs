using System.Collections.Concurrent;

namespace TasksBus.Pipeline;

/// <summary>The threads for handlers that block: made when they are needed, kept for the next, and replaced when a handler keeps one. Safe to share between threads.</summary>
/// <param name="most">How many may have a handler that somebody waits for.</param>
internal sealed class HandlerThreads(int most) : IDisposable
{
    private readonly SemaphoreSlim _free = new(most, most);
    private readonly ConcurrentBag<HandlerThread> _idle = [];
    private int _made;

    /// <summary>Waits for a thread.</summary>
    public async Task<ThreadTurn> Take(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new ThreadTurn(_idle.TryTake(out var thread) ? thread : new HandlerThread(Interlocked.Increment(ref _made)), this);
    }

    /// <summary>Nobody waits any longer for what the thread has run.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="handler">Its handler; if that has not ended, the thread stays with it and ends when it does.</param>
    public void GiveBack(HandlerThread thread, Task handler)
    {
        if (handler.IsCompleted)
            _idle.Add(thread);
        else
            _ = handler.ContinueWith(_ => thread.End(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _free.Release();
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var thread))
            thread.End();
    }
}
