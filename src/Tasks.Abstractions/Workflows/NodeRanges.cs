using System.Collections;
using System.Globalization;

namespace TasksBus.Workflows;

/// <summary>Numbers of nodes in their order, short where many follow each other: <c>3-100002,7</c>. Does not change; safe to share between threads.</summary>
public sealed class NodeRanges : IEnumerable<int>
{
    private readonly IReadOnlyList<(int First, int Last)> _ranges;

    private NodeRanges(IReadOnlyList<(int First, int Last)> ranges)
    {
        _ranges = ranges;
        foreach (var (first, last) in ranges)
            Count += last - first + 1;
    }

    /// <summary>No numbers.</summary>
    public static NodeRanges None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Takes numbers, none of them negative, in their order.</summary>
    public static NodeRanges Of(IEnumerable<int> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var ranges = new List<(int First, int Last)>();
        foreach (var node in nodes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(node, nameof(nodes));
            if (ranges.Count > 0 && ranges[^1].Last + 1 == node)
                ranges[^1] = (ranges[^1].First, node);
            else
                ranges.Add((node, node));
        }

        return ranges.Count == 0 ? None : new NodeRanges(ranges);
    }

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static NodeRanges Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 ? None : new NodeRanges([.. text.Split(',').Select(Range)]);

        static (int First, int Last) Range(string range)
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var first = int.Parse(dash < 0 ? range : range.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture);
            return (first, dash < 0 ? first : int.Parse(range.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture));
        }
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator()
    {
        foreach (var (first, last) in _ranges)
        {
            for (var node = first; node <= last; node++)
                yield return node;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As in <c>3-100002,7</c>; empty for none.</summary>
    public override string ToString() => string.Join(',', _ranges.Select(range =>
        range.First == range.Last ? string.Create(CultureInfo.InvariantCulture, $"{range.First}") : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));
}
