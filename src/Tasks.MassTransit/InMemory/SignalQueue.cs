using TasksBus.Tracking;

namespace TasksBus.InMemory;

/// <summary>Hands the signals of one document to its watchers in the order of the writes, though the writers have left the document's lock by then.</summary>
internal sealed class SignalQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<SagaSignal> _waiting = new();
    private bool _isDelivering;

    /// <summary>Who gets the signals.</summary>
    public Watchers<SagaSignal> Watchers { get; } = new();

    /// <summary>Adds a signal; the caller holds the document's lock, which makes the order that of the writes.</summary>
    public void Add(SagaSignal signal)
    {
        lock (_lock)
            _waiting.Enqueue(signal);
    }

    /// <summary>Calls the watchers for each signal that waits, unless somebody is doing it already: then that one goes on with ours.</summary>
    public void Deliver()
    {
        lock (_lock)
        {
            if (_isDelivering)
                return;
            _isDelivering = true;
        }

        while (TryNext(out var signal))
            Watchers.Call(signal);
    }

    private bool TryNext(out SagaSignal signal)
    {
        lock (_lock)
            return _isDelivering = _waiting.TryDequeue(out signal!);
    }
}
