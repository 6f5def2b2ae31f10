using Quartz;

namespace TasksBus.Nodes;

/// <summary>A scheduler of Quartz: opened when it is first asked for, and anew after its database was away. Safe to share between threads.</summary>
internal sealed class OpenedScheduler(Func<StandaloneSchedulerFactory> createFactory) : IAsyncDisposable
{
    private readonly Lock _lock = new();

    // Made now: what is wrong with its configuration is to be known at start.
    private StandaloneSchedulerFactory? _first = createFactory();
    private Opening? _opening;
    private bool _isClosed;

    /// <summary>The scheduler. Who asks while it is being opened waits for the same one; if that fails, the next who asks has another one opened.</summary>
    public Task<IScheduler> Get()
    {
        lock (_lock)
        {
            if (_opening is null or { Scheduler: { IsFaulted: true } or { IsCanceled: true } })
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                var factory = Interlocked.Exchange(ref _first, null) ?? createFactory();
                _opening = new Opening(factory, Task.Run(() => Open(factory)));
            }

            return _opening.Scheduler;
        }
    }

    /// <summary>Gives up a scheduler that could not be started: Quartz starts none a second time. The next who asks has another one opened.</summary>
    public async Task GiveUp()
    {
        if (Interlocked.Exchange(ref _opening, null) is { } opening)
            await Close(opening).ConfigureAwait(false);
    }

    /// <summary>Ends it, once what it has under way is done, which may ask for it still.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _isClosed = true;
        if (_opening is { } opening)
            await Close(opening).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _first, null) is { } first)
            await first.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IScheduler> Open(StandaloneSchedulerFactory factory)
    {
        try
        {
            return await factory.GetScheduler().ConfigureAwait(false);
        }
        catch
        {
            await factory.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task Close(Opening opening)
    {
        await ((Task)opening.Scheduler).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!opening.Scheduler.IsCompletedSuccessfully)
            return;
        await (await opening.Scheduler.ConfigureAwait(false)).Shutdown(waitForJobsToComplete: true).ConfigureAwait(false);
        await opening.Factory.DisposeAsync().ConfigureAwait(false);
    }

    private sealed record Opening(StandaloneSchedulerFactory Factory, Task<IScheduler> Scheduler);
}
