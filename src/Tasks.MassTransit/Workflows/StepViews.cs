using System.Collections.Immutable;

namespace TasksBus.Workflows;

/// <summary>The steps of a workflow as one watcher has seen them last. Snapshots share what has not changed, so that each costs what has.</summary>
internal sealed class StepViews(Guid workflowId)
{
    private readonly SortedDictionary<int, NodeView> _nodes = [];
    private readonly Dictionary<int, int> _places = [];
    private readonly Dictionary<int, IReadOnlyList<string>> _endings = [];
    private readonly ImmutableList<StepSnapshot>.Builder _steps = ImmutableList.CreateBuilder<StepSnapshot>();
    private Dictionary<int, StepUnderWay> _underWay = [];
    private bool _hasNew;

    /// <summary>Every step.</summary>
    public IReadOnlyList<StepSnapshot> All { get; private set; } = [];

    /// <summary>How many of them have ended.</summary>
    public int Done { get; private set; }

    public bool IsKnown(int node) => _nodes.ContainsKey(node);

    public bool HasEnded(int node) => _nodes.TryGetValue(node, out var view) && view.End is not null;

    public bool IsCall(int node) => _nodes.TryGetValue(node, out var view) && view.Definition.Kind == NodeKind.Call;

    /// <summary>Keeps a node as it was read.</summary>
    /// <returns>Whether it has ended since it was read last.</returns>
    public bool Put(NodeView node)
    {
        var before = _nodes.GetValueOrDefault(node.Node);
        _nodes[node.Node] = node;
        _hasNew |= before is null;
        if (before is not null && _places.ContainsKey(node.Node))
            Done += (node.End is null ? 0 : 1) - (before.End is null ? 0 : 1);
        if (before is not null && (before.End != node.End || before.ContinuedAs != node.ContinuedAs))
            Update(node.Node);
        return node.End is not null && before?.End is null;
    }

    /// <summary>Shows what was put, with the states of the runs that are on their way.</summary>
    public void Show(Dictionary<int, StepUnderWay> underWay)
    {
        (var before, _underWay) = (_underWay, underWay);
        if (_hasNew)
            ShowNew();
        foreach (var node in before.Keys.Union(underWay.Keys))
            Update(node);
        All = _steps.ToImmutable();
    }

    private void ShowNew()
    {
        _hasNew = false;
        _steps.Clear();
        _endings.Clear();
        Done = 0;
        foreach (var (number, node) in _nodes.Where(node => node.Value.Definition is { IsEnd: false } and not { Kind: NodeKind.Join }))
        {
            _places[number] = _steps.Count;
            _steps.Add(Describe(node, StepsBefore(node)));
            Done += node.End is null ? 0 : 1;
        }
    }

    private void Update(int node)
    {
        if (_hasNew || !_places.TryGetValue(node, out var place))
            return;
        var step = Describe(_nodes[node], _steps[place].After);
        if (step != _steps[place])
            _steps[place] = step;
    }

    private StepSnapshot Describe(NodeView node, IReadOnlyList<string> after) => new()
    {
        Name = node.Definition.Name,
        State = node.End?.State ?? (_underWay.TryGetValue(node.Node, out var run) ? run.State : TaskState.Pending),
        RunId = node.Definition.Call is null ? null : WorkflowIds.RunOf(workflowId, node.Node),
        TaskName = node.Definition.Call?.TaskName,
        ContinuedAs = node.ContinuedAs ?? _underWay.GetValueOrDefault(node.Node).ContinuedAs,
        After = after,
        Failure = StepFailures.Read(node.End?.Failure),
    };

    /// <summary>The steps that a node waits for, through joins. All that wait for the same join share its list: it may be as long as the workflow.</summary>
    private IReadOnlyList<string> StepsBefore(NodeView node)
    {
        var waits = node.Definition.Waits;
        return waits.Count == 1 ? StepsUpTo(waits.First()) : [.. waits.SelectMany(StepsUpTo)];
    }

    private IReadOnlyList<string> StepsUpTo(int number)
    {
        if (!_nodes.TryGetValue(number, out var node))
            return [];
        if (!_endings.TryGetValue(number, out var steps))
            _endings[number] = steps = node.Definition.Kind == NodeKind.Join ? StepsBefore(node) : [node.Definition.Name];
        return steps;
    }
}

/// <summary>A node as one watcher has seen it last.</summary>
/// <param name="Node">Its number.</param>
/// <param name="Definition">What it is.</param>
/// <param name="End">How it ended; null if it has not.</param>
/// <param name="ContinuedAs">The workflow that goes on in its place, or did.</param>
internal sealed record NodeView(int Node, NodeDefinition Definition, NodeEnd? End, Guid? ContinuedAs);

/// <summary>How the run of a step that is under way stands.</summary>
internal readonly record struct StepUnderWay(TaskState State, Guid? ContinuedAs);
