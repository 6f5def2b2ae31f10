namespace TasksBus.InMemory;

/// <summary>Who waits for one limit: of the highest priority first, of one priority the keys in turn, of one key in order of their coming.</summary>
internal sealed class LimitLine
{
    private readonly SortedSet<(int Rank, long Turn, Guid RunId)> _places = [];
    private readonly Dictionary<Guid, (int Rank, long Turn, Guid RunId)> _byRun = [];
    private readonly Dictionary<(int Rank, string Key), long> _nextTurns = [];
    private readonly Dictionary<int, long> _now = [];

    public int Count => _places.Count;

    public Guid First => _places.Min.RunId;

    public void Join(Guid runId, int priority, string key)
    {
        var rank = -priority;
        var turn = Math.Max(_now.GetValueOrDefault(rank), _nextTurns.GetValueOrDefault((rank, key)));
        _nextTurns[(rank, key)] = turn + 1;
        _byRun[runId] = (rank, turn, runId);
        _places.Add(_byRun[runId]);
    }

    /// <summary>Leaves the line, because it is the run's turn.</summary>
    public void Advance(Guid runId, string key)
    {
        var place = _byRun[runId];
        _now[place.Rank] = place.Turn;
        if (_nextTurns.GetValueOrDefault((place.Rank, key)) == place.Turn + 1)
            _nextTurns.Remove((place.Rank, key));
        Leave(runId);
    }

    /// <summary>Leaves the line, if the run is in it.</summary>
    public void Leave(Guid runId)
    {
        if (_byRun.Remove(runId, out var place))
            _places.Remove(place);
        if (_places.Count > 0)
            return;

        // Nobody is owed a turn any more.
        _nextTurns.Clear();
        _now.Clear();
    }
}
