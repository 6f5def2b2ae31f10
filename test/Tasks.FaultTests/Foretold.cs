using System.Collections.Immutable;

namespace TasksBus.FaultTests;

/// <summary>What must become of a tree.</summary>
/// <param name="Value">Its result; null: it fails.</param>
/// <param name="Culprits">The leaves of which one is said to have failed.</param>
/// <param name="Must">The leaves that are run.</param>
/// <param name="May">Those, and the leaves that are run or not, depending on who is quicker.</param>
internal sealed record Foretold(int? Value, ImmutableHashSet<int> Culprits, ImmutableHashSet<int> Must, ImmutableHashSet<int> May)
{
    public static Foretold Nothing { get; } = new(0, [], [], []);

    public static Foretold Run(int id, LeafMood mood, int value) => mood == LeafMood.Bad ? new(null, [id], [id], [id]) : new(value, [], [id], [id]);

    /// <summary>This, and then something else, if it succeeds.</summary>
    /// <param name="next">What becomes of that.</param>
    /// <param name="leftOut">What is run of it if it is left out.</param>
    /// <param name="value">The result of both, if both have one.</param>
    public Foretold Then(Func<Foretold> next, ImmutableHashSet<int> leftOut, Func<int, int> value)
    {
        if (Value is not { } before)
            return With([.. leftOut]);
        var after = next();
        return new Foretold(after.Value is null ? null : value(before), after.Culprits, Must.Union(after.Must), May.Union(after.May));
    }

    /// <summary>Several that come together.</summary>
    /// <param name="all">What becomes of each.</param>
    /// <param name="ends">Of those that the join waits for, in its order.</param>
    /// <param name="policy">What it does about a failure.</param>
    /// <param name="everything">All that can be run of them.</param>
    /// <param name="value">The result, unless it fails.</param>
    public static Foretold Join(IReadOnlyList<Foretold> all, IReadOnlyList<Foretold> ends, FailurePolicy policy, ImmutableHashSet<int> everything, int value)
    {
        var joined = new Foretold(value, [], [.. all.SelectMany(one => one.Must)], [.. all.SelectMany(one => one.May)]);
        var failed = ends.Where(end => end.Value is null).ToList();
        if (failed.Count == 0 || policy == FailurePolicy.Continue)
            return joined;

        // Who fails fast takes back whatever has not ended by then.
        return policy == FailurePolicy.FailFast
            ? new Foretold(null, [.. failed.SelectMany(end => end.Culprits)], [], everything)
            : joined with { Value = null, Culprits = failed[0].Culprits };
    }

    /// <summary>The same with runs besides.</summary>
    public Foretold With(params IReadOnlyCollection<int> ids) => this with { Must = Must.Union(ids), May = May.Union(ids) };

    /// <summary>The same failure with these runs alone.</summary>
    public Foretold OnlyWith(ImmutableHashSet<int> ids) => this with { Must = ids, May = ids };
}
