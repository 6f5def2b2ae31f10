using Microsoft.Extensions.Logging;

namespace TasksBus.Workers;

/// <summary>
/// Lets the thread pool grow at once when handlers block it. By itself it grows by a thread or two a second, while the clients of the broker and of the
/// store wait for theirs, and their connections break.
/// </summary>
/// <remarks>Looks from outside of the pool, at each beat of the heart. A larger pool from the start would make work that does not block several times as slow.</remarks>
internal sealed class ThreadPoolRelief(ILogger<ThreadPoolRelief> log)
{
    private const int Step = 32;
    private const int Most = 1_000;

    private long _completed = ThreadPool.CompletedWorkItemCount;

    /// <summary>Grows the pool if it has done less since the last look than is waiting for it.</summary>
    public void Look()
    {
        var completed = ThreadPool.CompletedWorkItemCount;
        var isStuck = completed - _completed < ThreadPool.PendingWorkItemCount;
        _completed = completed;
        ThreadPool.GetMinThreads(out var minimum, out var completion);
        var wanted = Math.Min(Math.Max(minimum, ThreadPool.ThreadCount) + Step, Most);
        if (isStuck && minimum < wanted && ThreadPool.SetMinThreads(wanted, completion))
            log.PoolRelieved(ThreadPool.PendingWorkItemCount, wanted);
    }
}
