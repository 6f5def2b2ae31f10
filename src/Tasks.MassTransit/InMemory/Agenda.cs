namespace TasksBus.InMemory;

/// <summary>What is to be looked at when, the earliest first.</summary>
/// <param name="comparer">The order of what has the same instant.</param>
internal sealed class Agenda<T>(IComparer<T> comparer)
    where T : notnull
{
    private readonly Dictionary<T, DateTimeOffset> _instants = [];
    private readonly SortedSet<(DateTimeOffset At, T What)> _entries = new(Comparer<(DateTimeOffset At, T What)>.Create(
        (one, other) => one.At.CompareTo(other.At) is var order and not 0 ? order : comparer.Compare(one.What, other.What)));

    public int Count => _instants.Count;

    /// <summary>When the earliest is; null if there is none.</summary>
    public DateTimeOffset? NextAt => _entries.Count == 0 ? null : _entries.Min.At;

    /// <summary>Puts something where it belongs, wherever it was before.</summary>
    public void Set(T what, DateTimeOffset at)
    {
        Remove(what);
        _instants.Add(what, at);
        _entries.Add((at, what));
    }

    /// <summary>Brings something forward that would be looked at later.</summary>
    public void Hasten(T what, DateTimeOffset at)
    {
        if (_instants.TryGetValue(what, out var later) && at < later)
            Set(what, at);
    }

    public bool Remove(T what) => _instants.Remove(what, out var at) && _entries.Remove((at, what));

    /// <summary>What is due.</summary>
    public IReadOnlyList<T> Due(DateTimeOffset now) => [.. _entries.TakeWhile(entry => entry.At <= now).Select(entry => entry.What)];

    /// <summary>Everything.</summary>
    public IReadOnlyList<T> All() => [.. _instants.Keys];
}
