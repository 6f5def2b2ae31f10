namespace TasksBus.Delays;

/// <summary>Work that is under way, at most so much at a time. Safe to share between threads.</summary>
internal sealed class Underway(int most) : IDisposable
{
    private readonly SemaphoreSlim _places = new(most);
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _all = [];

    /// <summary>Starts work as soon as there is a place for it.</summary>
    /// <param name="work">The work; must not fail.</param>
    /// <param name="cancellationToken">Ends the waiting for a place.</param>
    public async Task Start(Func<Task> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        var task = Do(work);
        lock (_lock)
            _all.Add(task);
        _ = Forget(task);
    }

    /// <summary>Waits until everything that is under way now has ended.</summary>
    public Task WaitForAll()
    {
        lock (_lock)
            return Task.WhenAll([.. _all]);
    }

    public void Dispose() => _places.Dispose();

    private async Task Do(Func<Task> work)
    {
        await work().ConfigureAwait(false);
        _places.Release();
    }

    private async Task Forget(Task task)
    {
        await task.ConfigureAwait(false);
        lock (_lock)
            _all.Remove(task);
    }
}
