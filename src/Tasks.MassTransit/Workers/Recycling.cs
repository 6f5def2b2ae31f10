using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Transport;

namespace TasksBus.Workers;

/// <summary>
/// Ends this process when it has had its time: takes no more runs, lets those that it holds finish, however long they take, and stops the host. Safe
/// to share between threads.
/// </summary>
/// <remarks>Whoever started the process starts another: <c>tasks supervise</c>, systemd, Kubernetes.</remarks>
internal sealed class Recycling(TaskQueueOptions options, EndpointConnector endpoints, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Recycling> log)
{
    private bool _isOn;
    private int _running;
    private int _ended;
    private int _isDue;

    /// <summary>Whether any option asks for it.</summary>
    public bool IsWanted => options.RecycleAfterRuns is not null || options.RecycleAboveMemory is not null || options.RecycleWhenLeftBehind;

    /// <summary>Begins to look. Until then, nothing is recycled.</summary>
    public void Start() => _isOn = true;

    /// <summary>An attempt begins here.</summary>
    public void Enter() => Interlocked.Increment(ref _running);

    /// <summary>An attempt has ended here, and its outcome is recorded.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _running);
        if (Interlocked.Increment(ref _ended) >= options.RecycleAfterRuns)
            Begin($"it has run {options.RecycleAfterRuns} attempts");
        StopWhenIdle();
    }

    /// <summary>A handler goes on although nobody waits for it any longer.</summary>
    public void LeaveBehind(Task handler, string taskName, Guid runId)
    {
        if (options.RecycleWhenLeftBehind)
            _ = GiveTime(handler, taskName, runId);
    }

    /// <summary>Looks at the memory, once the process has done something with it: one that starts above the limit must not end before it begins.</summary>
    public void Look()
    {
        if (Volatile.Read(ref _ended) > 0 && Environment.WorkingSet is var memory && memory > options.RecycleAboveMemory)
            Begin($"it takes {memory:N0} bytes of memory, of {options.RecycleAboveMemory:N0}");
        StopWhenIdle();
    }

    /// <summary>Takes no more runs from now on, and ends the process when those that it holds are done.</summary>
    /// <param name="reason">For the log.</param>
    public void Begin(string reason)
    {
        if (!_isOn || lifetime.ApplicationStopping.IsCancellationRequested || Interlocked.Exchange(ref _isDue, 1) == 1)
            return;
        log.Recycling(options.WorkerName, reason, Volatile.Read(ref _running));
        endpoints.StopTakingRuns();
    }

    private async Task GiveTime(Task handler, string taskName, Guid runId)
    {
        await handler.WaitAsync(options.CancellationGrace, clock, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (handler.IsCompleted || lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        lifetime.ApplicationStopped.Register(() => _ = EndWhateverHangs());
        Begin($"its handler of {taskName} {runId} was left behind and does not end");
    }

    /// <remarks>A handler may have started threads that a process waits for. Everything else has stopped, and has a little time to be disposed of.</remarks>
    private async Task EndWhateverHangs()
    {
        await Task.Delay(options.CancellationGrace, clock, CancellationToken.None).ConfigureAwait(false);
        Environment.Exit(Environment.ExitCode);
    }

    /// <remarks>A run that came in at the last moment is finished by the stop of the host, or handed over. On the pool, because others listen to the stop, and may block.</remarks>
    private void StopWhenIdle()
    {
        if (Volatile.Read(ref _isDue) == 1 && Volatile.Read(ref _running) == 0)
            _ = Task.Run(lifetime.StopApplication, CancellationToken.None);
    }
}
