using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>A workflow as one watcher has seen it last.</summary>
internal sealed class WorkflowView(Guid workflowId, IWorkflowStore store, SagaDocuments<WorkflowSaga> documents, SagaDocuments<TaskSaga> runs)
{
    /// <summary>Stands for the workflow itself among the numbers of its nodes.</summary>
    public const int Itself = -2;

    /// <summary>Says that signals may have been missed.</summary>
    private const int Anything = -1;

    private const int PageSize = 500;

    private readonly SortedDictionary<int, NodeView> _nodes = [];
    private WorkflowSaga? _saga;

    /// <summary>What was seen last.</summary>
    public WorkflowSnapshot Snapshot { get; private set; } = new() { WorkflowId = workflowId, State = WorkflowState.NotFound };

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsOver => Snapshot.IsFinal || Snapshot.State == WorkflowState.NotFound;

    /// <summary>Reads all of it.</summary>
    /// <returns>The nodes that have ended.</returns>
    public async ValueTask<IReadOnlyList<NodeView>> Reload(CancellationToken cancellationToken)
    {
        var count = await store.Count(workflowId, cancellationToken).ConfigureAwait(false);
        return await Refresh([Itself, .. Enumerable.Range(0, count.Nodes).Except(_nodes.Where(node => node.Value.End is not null).Select(node => node.Key))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what has changed.</summary>
    /// <param name="changed">The nodes; none, or a negative number that is not <see cref="Itself"/>: nobody knows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The nodes that have ended since they were read last.</returns>
    public async ValueTask<IReadOnlyList<NodeView>> Refresh(IReadOnlyCollection<int> changed, CancellationToken cancellationToken)
    {
        if (changed.Count == 0 || changed.Contains(Anything))
            return await Reload(cancellationToken).ConfigureAwait(false);

        // The workflow first: once it is final, every end that counts for it can be read.
        if (changed.Contains(Itself))
            _saga = (await documents.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga;
        var ended = new List<NodeView>();
        foreach (var page in changed.Where(node => node >= 0).Order().Chunk(PageSize))
        {
            foreach (var node in await store.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
            {
                var view = new NodeView(node.Node, NodeDefinition.Read(node.Definition), node.End);
                if (node.End is not null && (!_nodes.TryGetValue(node.Node, out var before) || before.End is null))
                    ended.Add(view);
                _nodes[node.Node] = view;
            }
        }

        Snapshot = _saga is null ? new WorkflowSnapshot { WorkflowId = workflowId, State = WorkflowState.NotFound } : await Show(_saga, cancellationToken).ConfigureAwait(false);
        return ended;
    }

    private async Task<WorkflowSnapshot> Show(WorkflowSaga saga, CancellationToken cancellationToken)
    {
        var underWay = await UnderWay(cancellationToken).ConfigureAwait(false);
        var steps = _nodes.Values.Where(node => node.Definition.Kind != NodeKind.Join && !node.Definition.IsEnd).ToList();
        return new WorkflowSnapshot
        {
            WorkflowId = workflowId,
            State = saga.State,
            Name = saga.Name,
            Steps = [.. steps.Select(node => Show(node, underWay))],
            Done = steps.Count(node => node.End is not null),
            Total = steps.Count,
            SubmittedAt = saga.SubmittedAt,
            FinishedAt = saga.FinishedAt,
            Deadline = saga.Deadline,
            Failure = saga.Failure,
            RevokeReason = saga.RevokeReason,
            ParentRunId = saga.ParentRunId,
            ParentId = saga.ParentStep?.WorkflowId,
            RootId = saga.RootId,
        };
    }

    /// <summary>The states of the runs that are on their way.</summary>
    private async Task<Dictionary<int, TaskState>> UnderWay(CancellationToken cancellationToken)
    {
        var open = await store.ListOpen(workflowId, after: -1, PageSize, cancellationToken).ConfigureAwait(false);
        var states = await Task.WhenAll(open.Where(node => _nodes.TryGetValue(node, out var view) && view.Definition.Kind == NodeKind.Call)
            .Select(async node => (node, (await runs.Load(WorkflowIds.RunOf(workflowId, node), cancellationToken).ConfigureAwait(false))?.Saga.CurrentState))).ConfigureAwait(false);
        return states.Where(state => state.CurrentState is not null).ToDictionary(state => state.node, state => Enum.Parse<TaskState>(state.CurrentState!));
    }

    private StepSnapshot Show(NodeView node, Dictionary<int, TaskState> underWay) => new()
    {
        Name = node.Definition.Name,
        State = node.End?.State ?? underWay.GetValueOrDefault(node.Node, TaskState.Pending),
        RunId = node.Definition.Call is null ? null : WorkflowIds.RunOf(workflowId, node.Node),
        TaskName = node.Definition.Call?.TaskName,
        After = [.. StepsBefore(node)],
        Failure = StepFailures.Read(node.End?.Failure),
    };

    /// <summary>The steps that a node waits for, through joins.</summary>
    private IEnumerable<string> StepsBefore(NodeView node)
    {
        foreach (var before in node.Definition.Waits.Where(_nodes.ContainsKey).Select(index => _nodes[index]))
        {
            if (before.Definition.Kind != NodeKind.Join)
                yield return before.Definition.Name;
            foreach (var step in before.Definition.Kind == NodeKind.Join ? StepsBefore(before) : [])
                yield return step;
        }
    }
}

/// <summary>A node as one watcher has seen it last.</summary>
internal sealed record NodeView(int Node, NodeDefinition Definition, NodeEnd? End);
