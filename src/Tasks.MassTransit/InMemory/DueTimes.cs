namespace TasksBus.InMemory;

/// <summary>When which document is due, earliest first. Safe to share between threads.</summary>
internal sealed class DueTimes
{
    private readonly Lock _lock = new();
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _entries = [];

    /// <summary>Moves a document from one instant to another; null: it has none.</summary>
    /// <returns>Whether this made it the earliest of all.</returns>
    public bool Move(Guid id, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (from == to)
            return false;

        lock (_lock)
        {
            if (from is { } old)
                _entries.Remove((old, id));
            return to is { } at && _entries.Add((at, id)) && _entries.Min == (at, id);
        }
    }

    /// <summary>The earliest one; null if there is none.</summary>
    public (DateTimeOffset At, Guid Id)? First
    {
        get
        {
            lock (_lock)
                return _entries.Count == 0 ? null : _entries.Min;
        }
    }
}
