using TasksBus.Tracking;

namespace TasksBus.InMemory;

/// <summary>A document with what belongs to it, and those who watch it. It is its own lock, for every member but those that say otherwise.</summary>
internal sealed class InMemorySaga(Guid id)
{
    private static readonly Dictionary<string, ReadOnlyMemory<byte>> NoFields = [];

    // Replaced, never changed: readers hold it without a lock.
    private IReadOnlyDictionary<string, ReadOnlyMemory<byte>> _fields = NoFields;
    private volatile SagaWrite? _latest;
    private TimeSpan? _lease;
    private long _leasedFrom;

    /// <summary>The saga.</summary>
    public Guid Id => id;

    /// <summary>The write that made the document as it is; null if there is none. Needs no lock.</summary>
    public SagaWrite? Latest => _latest;

    /// <summary>When the document is gone; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>When the document is due: what was written, or later, since somebody has taken it; null: never.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The version of the document; 0 if there is none.</summary>
    public int Version => Latest is null ? 0 : Latest.ExpectedVersion + 1;

    /// <summary>The place of the document in its indexes. Needs no lock.</summary>
    public (long Score, Guid Id) Place => (Latest?.Score ?? 0, id);

    /// <summary>The lowest fencing token that a write may show.</summary>
    public long LowestToken { get; private set; }

    /// <summary>Who watches the document; null until somebody does.</summary>
    public SignalQueue? Signals { get; set; }

    /// <summary>Whether the store has dropped this object; whoever still finds it must look again.</summary>
    public bool IsRetired { get; set; }

    public bool HasExpired(TimeProvider time) => ExpiresAt is { } at && at <= time.GetUtcNow();

    public StoredSaga? Read(TimeProvider time) => Latest is null || HasExpired(time)
        ? null
        : new StoredSaga(id, Version, Latest.Document, _fields, _lease - time.GetElapsedTime(_leasedFrom));

    /// <summary>Whether the query asks for the document, if it has not expired. Needs no lock.</summary>
    public bool IsListedBy(SagaQuery query) => Latest is { } latest
        && latest.Score >= query.MinScore && latest.Score <= query.MaxScore
        && (query.After is not { } after || (latest.Score, id).CompareTo((after.Score, after.Id)) < 0)
        && latest.Indexes.Contains(query.Index);

    public bool Accepts(SagaWrite write) => (Version == write.ExpectedVersion || (Latest is null && write.OrAbsent)) && write.FencingToken >= LowestToken;

    public void Save(SagaWrite write, TimeProvider time)
    {
        _latest = write;
        WriteFields(write.Fields);
        if (!write.KeepsLease)
            Lease(write.Lease, time);
        ExpiresAt = write.Lifetime is { } lifetime ? time.GetUtcNow() + lifetime : null;
        Signals?.Add(new SagaSignal(null, Version, write.Document));
    }

    public bool TryWriteField(string field, ReadOnlyMemory<byte> value, long fencingToken)
    {
        if (Latest?.FencingToken != fencingToken)
            return false;

        WriteFields([new(field, value)]);
        Signals?.Add(new SagaSignal(field, Version, value));
        return true;
    }

    public bool TryRenewLease(long fencingToken, TimeSpan lease, TimeProvider time)
    {
        if (Latest?.FencingToken != fencingToken)
            return false;

        Lease(lease, time);
        return true;
    }

    /// <summary>Forgets the document and all that belongs to it; its watchers stay.</summary>
    public void Clear()
    {
        _latest = null;
        ExpiresAt = null;
        _lease = null;
        _fields = NoFields;
        LowestToken = 0;
    }

    /// <summary>Remembers for some time which token a write must show, though there is no document.</summary>
    public void RefuseBelow(long token, DateTimeOffset until) => (LowestToken, ExpiresAt) = (token, until);

    private void Lease(TimeSpan? lease, TimeProvider time)
    {
        _lease = lease;
        _leasedFrom = lease is null ? 0 : time.GetTimestamp();
    }

    private void WriteFields(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>?>> changes)
    {
        if (changes.Count == 0)
            return;

        var fields = new Dictionary<string, ReadOnlyMemory<byte>>(_fields);
        foreach (var (name, value) in changes)
        {
            if (value is null)
                fields.Remove(name);
            else
                fields[name] = value.Value;
        }

        _fields = fields;
    }
}
