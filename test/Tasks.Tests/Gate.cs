namespace TasksBus.Tests;

/// <summary>Holds a handler until the test opens it, and tells the test that the handler is there.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _visitors;

    /// <summary>How many have come so far.</summary>
    public int Visitors => Volatile.Read(ref _visitors);

    /// <summary>Ends when the first handler has come.</summary>
    public Task Entered => _entered.Task.WaitAsync(TaskQueueFixture.Patience);

    public void Open() => _opened.TrySetResult();

    /// <summary>Waits for the test.</summary>
    public Task Pass(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _visitors);
        _entered.TrySetResult();
        return _opened.Task.WaitAsync(TaskQueueFixture.Patience, cancellationToken);
    }
}
