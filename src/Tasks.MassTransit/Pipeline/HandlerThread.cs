using System.Collections.Concurrent;

namespace TasksBus.Pipeline;

/// <summary>A thread that runs one handler at a time. What the handler awaits comes back to it, because it is the handler's synchronization context.</summary>
internal sealed class HandlerThread : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];

    /// <summary>Starts the thread.</summary>
    /// <param name="number">For its name.</param>
    public HandlerThread(int number) =>
        new Thread(Live) { IsBackground = true, Name = $"TasksBus handler {number}" }.Start();

    /// <summary>Runs a call on the thread: at once if that is where it comes from.</summary>
    public Task<object?> Run(Func<Task<object?>> call)
    {
        if (Current == this)
            return call();

        var started = new TaskCompletionSource<Task<object?>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flow = ExecutionContext.Capture();
        Post(
            _ =>
            {
                if (flow is null)
                    Start();
                else
                    ExecutionContext.Run(flow, _ => Start(), state: null);
            },
            state: null);
        return started.Task.Unwrap();

        void Start()
        {
            try
            {
                started.SetResult(call());
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        }
    }

    /// <summary>Lets the thread end once it has nothing more to do.</summary>
    public void End() => _work.CompleteAdding();

    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _work.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            // The handler has ended and its thread with it; what it had started without waiting for it goes on elsewhere.
            base.Post(d, state);
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    private void Live()
    {
        SetSynchronizationContext(this);
        foreach (var (callback, state) in _work.GetConsumingEnumerable())
            callback(state);
    }
}
