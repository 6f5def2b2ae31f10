namespace TasksBus.FaultTests;

/// <summary>Grows trees; the same seed gives the same tree.</summary>
internal sealed class RandomTrees(int seed)
{
    private readonly Random _random = new(seed);
    private int _lastId;

    /// <summary>A tree of at most this depth.</summary>
    public Tree Grow(int depth)
    {
        if (depth <= 1)
            return Leaf();
        Tree tree = _random.Next(12) switch
        {
            0 or 1 => Leaf(),
            2 or 3 or 4 => new ChainTree(Grow(depth - 1), Many(1, 4, () => Grow(depth - 1))),
            5 or 6 or 7 => new GroupTree(Many(0, 4, () => Grow(depth - 1)), Policy(), Id()),
            8 or 9 => Graph(depth),
            10 => new HandTree(Grow(depth - 1)),
            _ => new MapTree(Many(0, 4, () => Leaf() with { Mood = _random.Next(20) == 0 ? LeafMood.Bad : LeafMood.Good }), Id()),
        };
        return _random.Next(6) == 0 ? new SidedTree(tree, Id(), Id()) : tree;
    }

    private LeafTree Leaf() => new(Id(), _random.Next(10), _random.Next(20) switch { 0 => LeafMood.Bad, 1 => LeafMood.Moody, _ => LeafMood.Good });

    private GraphTree Graph(int depth)
    {
        var steps = new List<GraphTree.Step>();
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            int[] after = [.. Enumerable.Range(0, steps.Count).Where(_ => _random.Next(2) == 0)];
            int? source = after.Length > 0 && _random.Next(2) == 0 ? after[0] : null;
            steps.Add(new GraphTree.Step($"step{Id()}", source is null ? Grow(depth - 1) : Leaf(), source, after));
        }

        return new GraphTree(steps, Policy() == FailurePolicy.FailFast ? FailurePolicy.FailFast : FailurePolicy.WaitForAll);
    }

    /// <remarks>A graph that goes on needs a result that may be missing, which a number may not.</remarks>
    private FailurePolicy Policy() => (FailurePolicy)_random.Next(3);

    private List<T> Many<T>(int least, int most, Func<T> one)
    {
        var many = new List<T>();
        for (var count = _random.Next(least, most + 1); count > 0; count--)
            many.Add(one());
        return many;
    }

    private int Id() => ++_lastId;
}
