namespace TasksBus.Tests.Execution;

/// <summary>Tells when its scope has ended.</summary>
public sealed class ScopedService : IAsyncDisposable
{
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Disposed => _disposed.Task;

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Goes on to its own end, with a service of its scope.</summary>
internal sealed class HandlerThatIgnoresItsToken(Gate gate, ScopedService service) : ITaskHandler<Work>
{
    public async Task Run(Work task, TaskContext context)
    {
        await gate.Pass(CancellationToken.None);
        GC.KeepAlive(service);
    }
}

/// <summary>Does the same for many.</summary>
internal sealed class BatchThatIgnoresItsToken(Gate gate, ScopedService service) : ITaskBatchHandler<Work>
{
    public async Task Run(IReadOnlyList<TaskBatchItem<Work>> items, CancellationToken cancellationToken)
    {
        await gate.Pass(CancellationToken.None);
        GC.KeepAlive(service);
    }
}
