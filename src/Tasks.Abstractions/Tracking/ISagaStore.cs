namespace TasksBus.Tracking;

/// <summary>
/// Keeps the documents of one kind of saga, with versions, fields beside the document, indexes, leases and signals. What every implementation
/// must do is a conformance suite, run against each. Safe to share between threads.
/// </summary>
/// <remarks>
/// Fields are written beside the document and do not change its version: large or frequently written values, such as arguments and progress.
/// A field is bytes under a short name. What is called back must be quick and must not throw: what it throws is dropped, because nobody is there to hear of it.
/// </remarks>
public interface ISagaStore
{
    /// <summary>The document with its fields, or null. One round trip.</summary>
    ValueTask<StoredSaga?> Load(Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes the document, its fields, its places in the indexes, its lease and its lifetime, and signals the change, all or nothing,
    /// if the stored version is the expected one. One round trip, also when it is not: then the answer holds what is stored.
    /// </summary>
    ValueTask<SaveResult> Save(SagaWrite write, CancellationToken cancellationToken = default);

    /// <summary>Removes the document with all that belongs to it, if its version is the expected one.</summary>
    ValueTask<bool> Remove(Guid id, int expectedVersion, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes the document as <see cref="Remove"/> does, and refuses from then on, as if they expected another version, writes that show a lower token: those of whoever does not know
    /// that it starts over. Without a new document for <paramref name="lifetime"/> at most, with one for as long as that is kept.
    /// </summary>
    /// <param name="id">The saga.</param>
    /// <param name="expectedVersion">The version that must be stored now.</param>
    /// <param name="lowestToken">The lowest <see cref="SagaWrite.FencingToken"/> that a write may show.</param>
    /// <param name="lifetime">For how long that is remembered.</param>
    /// <param name="cancellationToken">Ends the call; the document may then be removed or not.</param>
    /// <returns>False if another version is stored: nothing has changed.</returns>
    ValueTask<bool> StartOver(Guid id, int expectedVersion, long lowestToken, TimeSpan lifetime, CancellationToken cancellationToken = default);

    /// <summary>Writes a field and signals it, if <paramref name="fencingToken"/> is that of the latest <see cref="SagaWrite"/>.</summary>
    /// <returns>False if the token is not the latest: nothing was written.</returns>
    ValueTask<bool> WriteField(Guid id, string field, ReadOnlyMemory<byte> value, long fencingToken, CancellationToken cancellationToken = default);

    /// <summary>Makes the lease last for <paramref name="lease"/> from now, if <paramref name="fencingToken"/> is that of the latest <see cref="SagaWrite"/>.</summary>
    /// <returns>False if the token is not the latest: the lease is not ours.</returns>
    ValueTask<bool> RenewLease(Guid id, long fencingToken, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Documents of an index, highest score first; only those whose record is still there.</summary>
    ValueTask<SagaPage> List(SagaQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many documents an index holds.</summary>
    ValueTask<long> Count(string index, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes the documents whose <see cref="SagaWrite.DueAt"/> has come, earliest first, at once for all who ask: nobody else is given them. Each is due again
    /// once <paramref name="hiddenFor"/> has passed, in case its taker dies, unless a write has set its due time before. One round trip.
    /// </summary>
    /// <param name="now">The instant.</param>
    /// <param name="hiddenFor">How long to leave the takers; above 0.</param>
    /// <param name="limit">At most so many, of each partition if the store has several, or fewer if they are large; 1 or more.</param>
    /// <param name="cancellationToken">Ends the call; documents may then be taken or not.</param>
    ValueTask<DueSagas> TakeDue(DateTimeOffset now, TimeSpan hiddenFor, int limit, CancellationToken cancellationToken = default);

    /// <summary>Removes what expired documents have left in indexes.</summary>
    /// <returns>How many documents it cleaned up after; fewer than <paramref name="limit"/>: nothing is left to do.</returns>
    ValueTask<int> RemoveExpired(DateTimeOffset now, int limit, CancellationToken cancellationToken = default);

    /// <summary>Calls back at each change of one document or of its fields, until disposed. Established when this returns.</summary>
    ValueTask<IAsyncDisposable> Watch(Guid id, Action<SagaSignal> onSignal, CancellationToken cancellationToken = default);

    /// <summary>Calls back with the id of each document that is written with this <see cref="SagaWrite.Alert"/>, until disposed. Established when this returns.</summary>
    ValueTask<IAsyncDisposable> WatchAlerts(string name, Action<Guid> onAlert, CancellationToken cancellationToken = default);

    /// <summary>Calls back when a document becomes the earliest due one, until disposed. Established when this returns.</summary>
    ValueTask<IAsyncDisposable> WatchDue(Action onEarlier, CancellationToken cancellationToken = default);
}

/// <summary>A document as it is stored.</summary>
/// <param name="Id">The saga.</param>
/// <param name="Version">1 when first saved, then one more at each write of the document.</param>
/// <param name="Document">The document.</param>
/// <param name="Fields">What is written beside it.</param>
/// <param name="LeaseLeft">How much longer the lease lasts, by the store's clock; zero or less once it is over; null if none was ever taken.</param>
public sealed record StoredSaga(
    Guid Id, int Version, ReadOnlyMemory<byte> Document, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Fields, TimeSpan? LeaseLeft);

/// <summary>One write of a document.</summary>
public sealed record SagaWrite
{
    /// <summary>The saga.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version that must be stored now; 0: none may be.</summary>
    public required int ExpectedVersion { get; init; }

    /// <summary>Whether it is as good if nothing is stored yet. The new version is the expected one plus 1 all the same.</summary>
    public bool OrAbsent { get; init; }

    /// <summary>The document.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>Fields to write beside it; null removes one. What is not named stays.</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>?>> Fields { get; init; } = [];

    /// <summary>The token that later writes of fields and leases must show.</summary>
    public long FencingToken { get; init; }

    /// <summary>Makes a lease of this length from now, by the store's clock; null: there is none.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Whether the lease stays as it is, renewals included; <see cref="Lease"/> is then not taken.</summary>
    public bool KeepsLease { get; init; }

    /// <summary>Every index in which the document is to be found from now on; it leaves all others.</summary>
    public IReadOnlyList<string> Indexes { get; init; } = [];

    /// <summary>The document's score in its indexes.</summary>
    public long Score { get; init; }

    /// <summary>When <see cref="ISagaStore.TakeDue"/> is to give the document; null: never.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How long the document is kept from now; null: for good.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Who is to hear of this write through <see cref="ISagaStore.WatchAlerts"/>; null: nobody.</summary>
    public string? Alert { get; init; }
}

/// <summary>How a save went.</summary>
/// <param name="Saved">Whether the document was written.</param>
/// <param name="Current">What is stored instead, if it was not; null if nothing is.</param>
public readonly record struct SaveResult(bool Saved, StoredSaga? Current);

/// <summary>Which documents to list.</summary>
/// <param name="Index">The index to read.</param>
/// <param name="MinScore">Lowest score, inclusive.</param>
/// <param name="MaxScore">Highest score, inclusive.</param>
/// <param name="After">Go on after this place of the page before.</param>
/// <param name="Limit">At most so many; 1 or more.</param>
public sealed record SagaQuery(string Index, long MinScore, long MaxScore, SagaPlace? After, int Limit);

/// <summary>A place in an index.</summary>
/// <param name="Score">The score there.</param>
/// <param name="Id">The document there: of equal scores, the higher id comes first.</param>
public sealed record SagaPlace(long Score, Guid Id);

/// <summary>A page of documents.</summary>
/// <param name="Sagas">Highest score first, of equal scores the higher id first.</param>
/// <param name="Next">Where the next page goes on; null if this is the last.</param>
public sealed record SagaPage(IReadOnlyList<StoredSaga> Sagas, SagaPlace? Next);

/// <summary>Documents that were due, and are taken now.</summary>
/// <param name="Sagas">Earliest first.</param>
/// <param name="NextAt">When a document is due next, those that are taken included; not after now: there is more to take. Null if none waits.</param>
public sealed record DueSagas(IReadOnlyList<StoredSaga> Sagas, DateTimeOffset? NextAt);

/// <summary>A change of a document or of one of its fields.</summary>
/// <param name="Field">The field; null if the document itself changed, or was removed.</param>
/// <param name="Version">The version of the document; 0 if it was removed.</param>
/// <param name="Value">The new document or field.</param>
public sealed record SagaSignal(string? Field, int Version, ReadOnlyMemory<byte> Value);
