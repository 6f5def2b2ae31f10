using TasksBus.Tracking;

namespace TasksBus.InMemory;

/// <summary>Gathers the documents with the highest places, and one more, to know whether another page follows.</summary>
/// <param name="limit">So many make the page.</param>
internal sealed class PageOfHighest(int limit)
{
    private readonly PriorityQueue<StoredSaga, (long Score, Guid Id)> _sagas = new();

    /// <summary>Whether a document with this place would be on the page, or next after it, as far as is known.</summary>
    public bool HasRoomFor((long Score, Guid Id) place) => _sagas.Count <= limit || (_sagas.TryPeek(out _, out var lowest) && place.CompareTo(lowest) > 0);

    public void Add(StoredSaga saga, (long Score, Guid Id) place)
    {
        _sagas.Enqueue(saga, place);
        if (_sagas.Count > limit + 1)
            _sagas.Dequeue();
    }

    /// <summary>Makes the page, the highest first.</summary>
    public SagaPage Close()
    {
        var hasNext = _sagas.Count > limit;
        if (hasNext)
            _sagas.Dequeue();

        _sagas.TryPeek(out _, out var last);
        var page = new StoredSaga[_sagas.Count];
        for (var i = page.Length - 1; i >= 0; i--)
            page[i] = _sagas.Dequeue();
        return new SagaPage(page, hasNext ? new SagaPlace(last.Score, last.Id) : null);
    }
}
