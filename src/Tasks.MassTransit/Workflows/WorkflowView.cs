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

    private readonly StepViews _steps = new(workflowId);
    private WorkflowSaga? _saga;

    /// <summary>What was seen last.</summary>
    public WorkflowSnapshot Snapshot { get; private set; } = new() { WorkflowId = workflowId, State = WorkflowState.NotFound };

    /// <summary>Whether nothing more is to come.</summary>
    public bool IsOver => Snapshot.IsFinal || Snapshot.State == WorkflowState.NotFound;

    /// <summary>Reads all of it that may have changed.</summary>
    /// <returns>The nodes that have ended.</returns>
    public async ValueTask<IReadOnlyList<NodeView>> Reload(CancellationToken cancellationToken)
    {
        var count = await store.Count(workflowId, cancellationToken).ConfigureAwait(false);
        return await Read([Itself, .. Enumerable.Range(0, count.Nodes).Where(node => !_steps.HasEnded(node))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what has changed.</summary>
    /// <param name="changed">The nodes; none, or a negative number that is not <see cref="Itself"/>: nobody knows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The nodes that have ended since they were read last.</returns>
    public ValueTask<IReadOnlyList<NodeView>> Refresh(IReadOnlyCollection<int> changed, CancellationToken cancellationToken) =>
        changed.Count == 0 || changed.Contains(Anything) || changed.Any(node => node >= 0 && !_steps.IsKnown(node))
            ? Reload(cancellationToken)
            : Read(changed, cancellationToken);

    private async ValueTask<IReadOnlyList<NodeView>> Read(IReadOnlyCollection<int> changed, CancellationToken cancellationToken)
    {
        // The workflow first: once it is final, every end that counts for it can be read.
        if (changed.Contains(Itself))
            _saga = (await documents.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga;
        var ended = new List<NodeView>();
        foreach (var page in changed.Where(node => node >= 0).Order().Chunk(PageSize))
        {
            foreach (var node in await store.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
            {
                var definition = NodeDefinition.Read(node.Definition);
                var view = new NodeView(node.Node, definition, node.End, Handover.Of(node, definition));
                if (_steps.Put(view))
                    ended.Add(view);
            }
        }

        if (_saga is not null)
            _steps.Show(await UnderWay(cancellationToken).ConfigureAwait(false));
        Snapshot = _saga is null ? new WorkflowSnapshot { WorkflowId = workflowId, State = WorkflowState.NotFound } : Show(_saga);
        return ended;
    }

    private WorkflowSnapshot Show(WorkflowSaga saga) => new()
    {
        WorkflowId = workflowId,
        State = saga.State,
        Name = saga.Name,
        Steps = _steps.All,
        Done = _steps.Done,
        Total = _steps.All.Count,
        SubmittedAt = saga.SubmittedAt,
        FinishedAt = saga.FinishedAt,
        Deadline = saga.Deadline,
        Failure = saga.Failure,
        RevokeReason = saga.RevokeReason,
        ParentRunId = saga.ParentRunId,
        CompensationId = saga.EndsAs == default ? null : WorkflowIds.CompensationOf(workflowId),
        ParentId = saga.ParentStep?.WorkflowId,
        RootId = saga.RootId,
    };

    /// <summary>The states of the runs that are on their way.</summary>
    private async Task<Dictionary<int, StepUnderWay>> UnderWay(CancellationToken cancellationToken)
    {
        var open = await store.ListOpen(workflowId, after: -1, PageSize, cancellationToken).ConfigureAwait(false);
        var states = await Task.WhenAll(open.Where(_steps.IsCall)
            .Select(async node => (Node: node, Run: await runs.Load(WorkflowIds.RunOf(workflowId, node), cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
        return states.Where(state => state.Run is not null).ToDictionary(state => state.Node, state => Describe(state.Run!.Saga));
    }

    /// <remarks>A step whose run has handed over goes on for as long as what took its place.</remarks>
    private static StepUnderWay Describe(TaskSaga run) => new(run.ContinuedAs is null ? Enum.Parse<TaskState>(run.CurrentState) : TaskState.Running, run.ContinuedAs);
}
