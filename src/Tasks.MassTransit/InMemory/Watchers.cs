namespace TasksBus.InMemory;

/// <summary>Callbacks that come and go. Safe to share between threads.</summary>
internal sealed class Watchers<T>
{
    private readonly Lock _lock = new();
    private volatile Watcher[] _all = [];

    /// <summary>Whether nobody watches.</summary>
    public bool IsEmpty => _all.Length == 0;

    /// <summary>Calls <paramref name="callback"/> from now on, until the answer is disposed; then <paramref name="onLeave"/>, once.</summary>
    public IAsyncDisposable Add(Action<T> callback, Action? onLeave = null)
    {
        var watcher = new Watcher(this, callback, onLeave);
        Change(all => [.. all, watcher]);
        return watcher;
    }

    /// <summary>Calls everybody who watches now.</summary>
    public void Call(T value)
    {
        foreach (var watcher in _all)
            watcher.Call(value);
    }

    private void Change(Func<Watcher[], Watcher[]> change)
    {
        lock (_lock)
            _all = change(_all);
    }

    private sealed class Watcher(Watchers<T> owner, Action<T> callback, Action? onLeave) : IAsyncDisposable
    {
        private int _hasLeft;

        public void Call(T value)
        {
            if (Volatile.Read(ref _hasLeft) != 0)
                return;

            try
            {
                callback(value);
            }
            catch
            {
                // The write is done: the failure of one who only watches must not fail the writer, or the next watcher.
            }
        }

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _hasLeft, 1) == 0)
            {
                owner.Change(all => [.. all.Where(watcher => watcher != this)]);
                onLeave?.Invoke();
            }

            return ValueTask.CompletedTask;
        }
    }
}
