using TasksBus.Workflows;

namespace TasksBus.InMemory;

/// <summary>The nodes of one workflow. The caller holds its lock.</summary>
internal sealed class InMemoryWorkflow
{
    private readonly Dictionary<int, Node> _nodes = [];
    private readonly SortedSet<int> _open = [];
    private readonly Dictionary<string, int> _added = new(StringComparer.Ordinal);
    private int _size;
    private int _ended;

    /// <summary>Who hears of ends.</summary>
    public Watchers<int> Watchers { get; } = new();

    /// <summary>When it is forgotten; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public bool IsStopped { get; set; }

    public NodeCount Count => new(_size, _ended);

    public void Write(NodeWrite write)
    {
        if (!_nodes.TryGetValue(write.Node, out var node))
            _nodes[write.Node] = node = new Node();
        else if (write.Before is not null)
            return;
        if (node.End is not null)
            _ended--;
        node.End = null;
        node.Given = write.KeepsGiven ? node.Given : null;
        node.DueAt = null;
        node.Failures = 0;
        node.Counted = null;
        node.Waits = write.Waits;
        node.Definition = write.Definition ?? node.Definition;
        node.Before = write.Before ?? node.Before;
        node.IsHasty |= write.IsHasty;
        node.StopsWith = write.StopsWith ?? node.StopsWith;
        if (write.IsOpen)
            _open.Add(write.Node);
        else
            _open.Remove(write.Node);
        _size = Math.Max(_size, write.Node + 1);
    }

    public NodeEnding? End(int index, NodeEnd end, int limit)
    {
        if (!_nodes.TryGetValue(index, out var node))
            return null;
        var isFirst = node.End is null;
        if (isFirst)
        {
            node.End = end;
            node.Counted = 0;
            _ended++;
        }

        if (node.Counted is not { } from)
            return new NodeEnding(IsFirst: false, node.End!.State, IsMore: false, [.. node.Before.Where(_open.Contains).Take(limit).Select(Show)]);

        var open = node.Before.Skip(from).Take(limit).Where(next => Tell(next, node.End!.State)).Select(Show).ToList();
        node.Counted = from + limit < node.Before.Count ? from + limit : null;
        if (node.Counted is null)
            _open.Remove(index);
        return new NodeEnding(isFirst, node.End!.State, node.Counted is not null, open);
    }

    public StoredNode? Read(int index) => _nodes.TryGetValue(index, out var node)
        ? new StoredNode(index, node.Definition, node.Waits, node.Failures, node.End, NodeRanges.Of(node.Added), node.Given, Stops(node))
        : null;

    public IEnumerable<int> OpenAfter(int after) => after == int.MaxValue ? [] : _open.GetViewBetween(after + 1, int.MaxValue);

    public DateTimeOffset SetDue(int index, DateTimeOffset dueAt) => _nodes.TryGetValue(index, out var node) ? node.DueAt ??= dueAt : dueAt;

    public bool Give(int index, ReadOnlyMemory<byte> value)
    {
        if (!_nodes.TryGetValue(index, out var node) || node.End is not null || node.Given is not null)
            return false;
        node.Given = value;
        return true;
    }

    public NodeReservation Reserve(string name, int count) => _added.TryGetValue(name, out var first) ? new(first, IsAdded: true) : new((_size += count) - count, IsAdded: false);

    public int? Add(string name, int during, int join, int first, int last)
    {
        if (_added.TryGetValue(name, out var kept))
            return kept;
        if (!_open.Contains(during) || _nodes[join].End is not null)
            return null;
        _added.Add(name, first);
        _nodes[join].Added.Add(last);
        _nodes[join].Waits++;
        _open.Add(first);
        return first;
    }

    /// <returns>Whether that opens the node.</returns>
    private bool Tell(int index, TaskState end)
    {
        var node = _nodes[index];
        node.Waits--;
        if (end != TaskState.Succeeded)
            node.Failures++;
        var opens = node.End is null && (node.Waits == 0 || (node.IsHasty && end != TaskState.Succeeded));
        if (opens)
            _open.Add(index);
        return opens;
    }

    private OpenNode Show(int index) => new(index, _nodes[index].Waits, _nodes[index].Failures, _nodes[index].Definition, Stops(_nodes[index]));

    private bool Stops(Node node) => IsStopped || node.StopsWith.Any(other => _nodes.GetValueOrDefault(other)?.End is not null);

    private sealed class Node
    {
        public ReadOnlyMemory<byte> Definition { get; set; }

        public NodeRanges Before { get; set; } = NodeRanges.None;

        public int Waits { get; set; }

        public int Failures { get; set; }

        public bool IsHasty { get; set; }

        public NodeRanges StopsWith { get; set; } = NodeRanges.None;

        public NodeEnd? End { get; set; }

        /// <summary>At how many of the nodes that wait for it its end is counted; null: at all, or it has not ended.</summary>
        public int? Counted { get; set; }

        public List<int> Added { get; } = [];

        public DateTimeOffset? DueAt { get; set; }

        public ReadOnlyMemory<byte>? Given { get; set; }
    }
}
