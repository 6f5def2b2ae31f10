namespace TasksBus.InMemory;

/// <summary>When which document expires. One that was saved again meanwhile has several entries; it says itself which of them counts. Safe to share between threads.</summary>
internal sealed class Expiries
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Guid, DateTimeOffset> _entries = new();

    /// <summary>Adds a document, if it expires at all.</summary>
    public void Add(InMemorySaga saga)
    {
        if (saga.ExpiresAt is not { } expiresAt)
            return;
        lock (_lock)
            _entries.Enqueue(saga.Id, expiresAt);
    }

    /// <summary>Takes the earliest, if it is not later than an instant.</summary>
    public bool TryTake(DateTimeOffset until, out Guid id, out DateTimeOffset expiresAt)
    {
        lock (_lock)
            return _entries.TryPeek(out id, out expiresAt) && expiresAt <= until && _entries.TryDequeue(out id, out expiresAt);
    }
}
