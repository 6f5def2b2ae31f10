using System.Collections.Concurrent;

namespace TasksBus.InMemory;

/// <summary>How many documents each index holds, so that counting need not look at them. Safe to share between threads.</summary>
internal sealed class IndexCounts
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    /// <summary>The number of documents in an index.</summary>
    public long this[string index] => _counts.GetValueOrDefault(index);

    /// <summary>Counts a document that leaves some indexes for others.</summary>
    public void Move(IReadOnlyList<string> from, IReadOnlyList<string> to)
    {
        foreach (var index in to)
        {
            if (!from.Contains(index))
                _counts.AddOrUpdate(index, 1, static (_, count) => count + 1);
        }

        foreach (var index in from)
        {
            if (to.Contains(index))
                continue;

            // Indexes come and go; one at zero is taken out, unless somebody counts it up at this moment.
            if (_counts.AddOrUpdate(index, 0, static (_, count) => count - 1) == 0)
                _counts.TryRemove(KeyValuePair.Create(index, 0L));
        }
    }
}
