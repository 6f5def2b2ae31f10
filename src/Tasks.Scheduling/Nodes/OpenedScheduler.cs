using Quartz;

namespace TasksBus.Nodes;

/// <summary>A scheduler of Quartz: opened when it is first asked for, and anew after its database was away. Safe to share between threads.</summary>
internal sealed class OpenedScheduler(Func<StandaloneSchedulerFactory> createFactory) : IAsyncDisposable
{
    private readonly Lock _lock = new();

    // Made now: what is wrong with its configuration is to be known at start.
    private StandaloneSchedulerFactory? _factory = createFactory();
    private Task<IScheduler>? _opening;
    private bool _isClosed;

    /// <summary>The scheduler. Who asks while it is being opened waits for the same one; if that fails, the next who asks has another one opened.</summary>
    public Task<IScheduler> Get()
    {
        lock (_lock)
        {
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true })
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                _opening = Task.Run(Open);
            }

            return _opening;
        }
    }

    /// <summary>Gives up a scheduler that could not be started: Quartz starts none a second time. The next who asks has another one opened.</summary>
    public async Task GiveUp()
    {
        var opening = Interlocked.Exchange(ref _opening, null);
        if (opening is not null)
            await Close(opening).ConfigureAwait(false);
    }

    /// <summary>Ends it, once what it has under way is done, which may ask for it still.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _isClosed = true;
        await Close(_opening).ConfigureAwait(false);
    }

    private async Task<IScheduler> Open()
    {
        var factory = _factory ??= createFactory();
        try
        {
            return await factory.GetScheduler().ConfigureAwait(false);
        }
        catch
        {
            _factory = null;
            await factory.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task Close(Task<IScheduler>? opening)
    {
        if (opening is not null)
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening is { IsCompletedSuccessfully: true })
            await (await opening.ConfigureAwait(false)).Shutdown(waitForJobsToComplete: true).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _factory, null) is { } factory)
            await factory.DisposeAsync().ConfigureAwait(false);
    }
}
