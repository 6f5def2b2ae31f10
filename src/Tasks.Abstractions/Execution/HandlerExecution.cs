namespace TasksBus;

/// <summary>How a worker runs the handlers of a task. Time limits, revoking and leaving behind mean the same in each way; the wait for a thread or a turn counts against no limit.</summary>
public enum HandlerExecution
{
    /// <summary>On the thread pool, as many at a time as the queue has slots: for handlers that await what they wait for.</summary>
    Async = 0,

    /// <summary>
    /// Each attempt on a thread of its own, of at most <see cref="TaskQueueOptions.DedicatedThreads"/>: for handlers that block or compute for long, which would
    /// keep the thread pool from the others. What follows an <see langword="await"/> runs on the same thread, unless it has <c>ConfigureAwait(false)</c>; so a handler that
    /// blocks on a call that awaits must give that call to <c>Task.Run</c>. One that was left behind keeps its thread to its end; another takes its place.
    /// </summary>
    DedicatedThread = 1,

    /// <summary>
    /// One attempt at a time in this process, of all the tasks that are run so: for code that must not run twice at once. One that was left behind does not count
    /// any more, even if it still runs.
    /// </summary>
    OneAtATime = 2,
}
