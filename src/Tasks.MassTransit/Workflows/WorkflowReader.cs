using System.Runtime.CompilerServices;
using System.Threading.Channels;

using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>Reads workflows and follows them, woken by the store's signals. Safe to share between threads.</summary>
internal sealed class WorkflowReader(Foundation foundation, WorkflowTracker tracker, RunTracker runs, NodeResults results, Client.RunWatcher watcher, TaskQueueOptions options)
{
    /// <summary>How long to trust the signals before looking again: one that went astray, with a connection that broke, delays its receiver but does not strand it.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>The workflow as it is now.</summary>
    public async Task<WorkflowSnapshot> Snapshot(Guid workflowId, CancellationToken cancellationToken)
    {
        var view = new WorkflowView(workflowId, foundation.Workflows, tracker.Documents, runs.Documents);
        await view.Reload(cancellationToken).ConfigureAwait(false);
        return view.Snapshot;
    }

    /// <summary>The workflow as it is now, then when steps have ended or its state is another, until it is final or nothing is known of it.</summary>
    public async IAsyncEnumerable<WorkflowSnapshot> Watch(Guid workflowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (view, _) in Follow(workflowId, cancellationToken).ConfigureAwait(false))
            yield return view.Snapshot;
    }

    /// <summary>Waits until the workflow is final.</summary>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public async Task<WorkflowState> End(Guid workflowId, CancellationToken cancellationToken)
    {
        var signals = Channel.CreateUnbounded<int>();
        var subscription = await tracker.Documents.Store.Watch(workflowId, _ => signals.Writer.TryWrite(0), cancellationToken).ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            while (true)
            {
                var state = await StateOf(workflowId, cancellationToken).ConfigureAwait(false);
                if (state.IsFinal())
                    return state;
                await Next(signals.Reader, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What the steps return, each as soon as it is there.</summary>
    public async IAsyncEnumerable<StepResult> Results(Guid workflowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var given = new HashSet<int>();
        await foreach (var (_, ended) in Follow(workflowId, cancellationToken).ConfigureAwait(false))
        {
            foreach (var node in ended.Where(node => node.Definition.Kind == NodeKind.Call && node.End!.State == TaskState.Succeeded && given.Add(node.Node)))
                yield return new StepResult(node.Definition.Name, node.End!.Result is { } result ? Payload.Known(result) : null);
        }
    }

    /// <summary>The result of a workflow that has succeeded, as JSON.</summary>
    public async Task<Payload> Result(Guid workflowId, CancellationToken cancellationToken)
    {
        var workflow = await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false) ?? throw new WorkflowNotFoundException(workflowId);
        return Payload.Known(await results.Of(workflowId, workflow.Saga.Last, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The run of a step.</summary>
    /// <exception cref="ArgumentException">There is no such step that is run.</exception>
    /// <exception cref="WorkflowNotFoundException">Nothing is known of the workflow.</exception>
    public async Task<TaskHandle> Step(Guid workflowId, string name, Func<Guid, WorkflowHandle> continuation, CancellationToken cancellationToken)
    {
        var workflow = await Snapshot(workflowId, cancellationToken).ConfigureAwait(false);
        if (workflow.State == WorkflowState.NotFound)
            throw new WorkflowNotFoundException(workflowId);
        var step = workflow.Steps.FirstOrDefault(step => string.Equals(step.Name, name, StringComparison.Ordinal));
        return step?.RunId is { } runId
            ? new Client.StoredTaskHandle<object?>(runId, watcher, options.Json, continuation, token => IsOpen(workflowId, name, token))
            : throw new ArgumentException(
                step is null
                    ? $"Workflow {workflowId} has no step '{name}'.{NearMiss.For(name, workflow.Steps.Select(other => other.Name))}"
                    : $"Step '{name}' of workflow {workflowId} waits, and is none that is run. Its state is in the snapshot of the workflow.",
                nameof(name));
    }

    private async Task<bool> IsOpen(Guid workflowId, string name, CancellationToken cancellationToken) =>
        (await Snapshot(workflowId, cancellationToken).ConfigureAwait(false)).Steps.Any(step => !step.State.IsFinal() && string.Equals(step.Name, name, StringComparison.Ordinal));

    private async Task<WorkflowState> StateOf(Guid workflowId, CancellationToken cancellationToken) =>
        (await tracker.Documents.Load(workflowId, cancellationToken).ConfigureAwait(false))?.Saga.State ?? throw new WorkflowNotFoundException(workflowId);

    /// <summary>Follows the ends of nodes, all those first that have ended already.</summary>
    private async IAsyncEnumerable<(WorkflowView View, IReadOnlyList<NodeView> Ended)> Follow(Guid workflowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var signals = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true });
        var nodes = await foundation.Workflows.Watch(workflowId, node => signals.Writer.TryWrite(node), cancellationToken).ConfigureAwait(false);
        await using var nodesSubscription = nodes.ConfigureAwait(false);
        var document = await tracker.Documents.Store.Watch(workflowId, _ => signals.Writer.TryWrite(WorkflowView.Itself), cancellationToken).ConfigureAwait(false);
        await using var documentSubscription = document.ConfigureAwait(false);

        var view = new WorkflowView(workflowId, foundation.Workflows, tracker.Documents, runs.Documents);
        yield return (view, await view.Reload(cancellationToken).ConfigureAwait(false));
        while (!view.IsOver)
        {
            var (changed, state) = (await Next(signals.Reader, cancellationToken).ConfigureAwait(false), view.Snapshot.State);
            var ended = await view.Refresh(changed, cancellationToken).ConfigureAwait(false);
            if (ended.Count > 0 || view.Snapshot.State != state)
                yield return (view, ended);
        }
    }

    /// <returns>Everything that was signalled; nothing, if it is only time to look again.</returns>
    private static async ValueTask<HashSet<int>> Next(ChannelReader<int> signals, CancellationToken cancellationToken)
    {
        var changed = new HashSet<int>();
        try
        {
            // Waits without reading: a read that is left behind would swallow the next signal.
            await signals.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(LookAgainAfter, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return changed;
        }

        while (signals.TryRead(out var node))
            changed.Add(node);
        return changed;
    }
}
