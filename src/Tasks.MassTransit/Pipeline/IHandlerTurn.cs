namespace TasksBus.Pipeline;

/// <summary>The place where the handler of an attempt may run until the attempt is over. Disposing of it lets the next attempt have it, whether the handler has ended or not.</summary>
internal interface IHandlerTurn : IDisposable
{
    /// <summary>Starts the handler and what is around it.</summary>
    Task<object?> Start(Func<Task<object?>> call);

    /// <summary>Calls the handler from what is around it, where it belongs, wherever that has got to.</summary>
    Task<object?> Continue(Func<Task<object?>> call) => call();
}

/// <summary>On the thread pool: until its first await on a thread of its own, so that a handler that never awaits can be left behind, too.</summary>
internal sealed class PoolTurn : IHandlerTurn
{
    public static PoolTurn Instance { get; } = new();

    public Task<object?> Start(Func<Task<object?>> call) => Task.Run(call);

    public void Dispose()
    {
    }
}

/// <summary>On the thread pool, while no other has this turn.</summary>
internal sealed class SingleTurn(SemaphoreSlim only) : IHandlerTurn
{
    public Task<object?> Start(Func<Task<object?>> call) => Task.Run(call);

    public void Dispose() => only.Release();
}

/// <summary>On a thread that nobody else has.</summary>
internal sealed class ThreadTurn(HandlerThread thread, HandlerThreads threads) : IHandlerTurn
{
    private Task _handler = Task.CompletedTask;

    public Task<object?> Start(Func<Task<object?>> call)
    {
        var handler = thread.Run(call);
        _handler = handler;
        return handler;
    }

    public Task<object?> Continue(Func<Task<object?>> call) => thread.Run(call);

    public void Dispose() => threads.GiveBack(thread, _handler);
}
