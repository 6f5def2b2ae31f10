using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;
using TasksBus.Transport;

namespace TasksBus.Workflows;

/// <summary>Takes workflows in: sees that each call of them can be run, stores them, and has them started. Safe to share between threads.</summary>
internal sealed class WorkflowDesk(
    TaskCatalogue catalogue, TaskFinder tasks, SubmitFilters filters, Foundation foundation, WorkflowTracker tracker, RunSender sender, BrokerNames names, WorkflowReader reader, WorkflowControl control, Signals signals, TimeProvider clock)
    : IWorkflowDesk
{
    /// <summary>A century: what is added to the present still is a date.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private readonly RunRequest _request = new(catalogue, clock);

    public Task<Guid> Submit(Workflow workflow, WorkflowOptions? options, CancellationToken cancellationToken) =>
        Submit(workflow, options ?? new WorkflowOptions(), WorkflowOrigin.None, cancellationToken);

    public WorkflowHandle<TResult> Find<TResult>(Guid workflowId) => new StoredWorkflowHandle<TResult>(workflowId, reader, control, signals, catalogue.Options);

    /// <summary>Submits a workflow that is a part of something.</summary>
    public async Task<Guid> Submit(Workflow workflow, WorkflowOptions options, WorkflowOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        Check(options);
        return await Submit(await Plan(workflow, options, cancellationToken).ConfigureAwait(false), options, origin, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lays a workflow out, and sees that each call of it can be run.</summary>
    public Task<WorkflowPlan> Plan(Workflow workflow, WorkflowOptions options, CancellationToken cancellationToken) =>
        Settle(WorkflowPlanner.Plan(workflow, catalogue.Options.Json, NameOf, catalogue.Options.MaxPayloadSize), options, cancellationToken);

    /// <summary>Submits a plan.</summary>
    public async Task<Guid> Submit(WorkflowPlan plan, WorkflowOptions options, WorkflowOrigin origin, CancellationToken cancellationToken)
    {
        var saga = NewWorkflow(plan, options, origin);
        var id = saga.CorrelationId;
        try
        {
            await Store(saga, plan, cancellationToken).WaitAsync(catalogue.Options.SubmitTimeout * (1 + (plan.Nodes.Count / 10_000)), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            throw new SubmitException(
                id, $"Workflow {id} was not submitted: the store did not confirm it. Submit it again; under the same {nameof(WorkflowOptions.WorkflowId)} that is safe. ({exception.Message})", exception);
        }

        await sender.Send(id, () => $"Workflow {id} was not submitted", names.Workflows, new StartWorkflow(id), options.Priority ?? 0, cancellationToken).ConfigureAwait(false);
        return id;
    }

    private async Task Store(WorkflowSaga saga, WorkflowPlan plan, CancellationToken cancellationToken)
    {
        // The document comes after the nodes: what has one is whole. Nodes without one are not kept.
        var known = (await tracker.Documents.Load(saga.CorrelationId, cancellationToken).ConfigureAwait(false))?.Saga;
        if (known is null)
        {
            await foundation.Workflows.Write(saga.CorrelationId, [.. PlannedNodes.Of(plan)], cancellationToken).ConfigureAwait(false);
            await tracker.Documents.Save(new SagaDocument<WorkflowSaga>(saga, version: 0), cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        if (known?.State.IsFinal() != true)
            await foundation.Workflows.Keep(saga.CorrelationId, lifetime: null, cancellationToken).ConfigureAwait(false);
    }

    private WorkflowSaga NewWorkflow(WorkflowPlan plan, WorkflowOptions options, WorkflowOrigin origin)
    {
        var now = clock.GetUtcNow();
        var id = options.WorkflowId ?? Guid.CreateVersion7(now);
        var waiting = plan.Nodes.Where(node => node.Kind == NodeKind.Signal).ToDictionary(node => node.Name, node => node.Index, StringComparer.Ordinal);
        return new WorkflowSaga
        {
            CorrelationId = id,
            Name = options.Name,
            SubmittedAt = now,
            Deadline = now + options.Timeout,
            LookAfter = WorkflowStateMachine.FirstLook,
            LookAt = now + WorkflowStateMachine.FirstLook,
            ParentRunId = origin.RunId,
            ParentStep = origin.Step,
            IsCompensation = origin.IsCompensation,
            RootId = origin.RootId ?? id,
            Last = plan.Last,
            Steps = plan.Nodes.Count,
            Signals = waiting.Count > 0 ? waiting : null,
            HasCompensations = plan.HasCompensations,
            HasSides = plan.Nodes.Any(node => node.Before.Count == 0 && node.Index != plan.Last),
            Lifetime = options.Lifetime,
        };
    }

    /// <summary>Sees that each call can be run, and settles where.</summary>
    private async Task<WorkflowPlan> Settle(WorkflowPlan plan, WorkflowOptions options, CancellationToken cancellationToken)
    {
        var nodes = new WorkflowNode[plan.Nodes.Count];
        var known = new Dictionary<(string TaskName, string? Queue), TaskOptions>();
        foreach (var node in plan.Nodes)
        {
            nodes[node.Index] = node with
            {
                Call = node.Call is null ? null : await Settle(node.Call, node.Name).ConfigureAwait(false),
                Compensation = node.Compensation is null ? null : await Settle(node.Compensation, node.Name).ConfigureAwait(false),
            };
        }

        return plan with { Nodes = nodes };

        async ValueTask<NodeCall> Settle(NodeCall call, string step)
        {
            try
            {
                if (!known.TryGetValue((call.TaskName, call.Options?.Queue), out var task))
                    known[(call.TaskName, call.Options?.Queue)] = task = await tasks.OptionsOf(call.TaskName, call.Options, cancellationToken).ConfigureAwait(false);
                var run = await filters.Apply(task.Name, call.Arguments, For(call.Options, options), cancellationToken, isComplete: call.Inputs.Count == 0 && !call.IsMany).ConfigureAwait(false);
                if (run!.RunId is not null)
                    throw new ArgumentException($"{nameof(RunOptions.RunId)} is {run.RunId}, but the run of a step has an id that follows from the workflow's. Leave it null.", nameof(call));
                var message = _request.Create(task, call.Arguments, run).Message;

                // Two that may not run together cannot both be waited for: the second ends.
                var unique = run!.Unique ?? task.Unique;
                var expiresIn = run.ExpiresIn ?? (run.ExpiresAt is null ? task.ExpiresIn : null);
                return call with { TaskName = task.Name, Options = run with { Queue = message.Queue, Priority = message.Priority, ExpiresIn = expiresIn, Unique = unique is null or { Scope: UniqueScope.None } ? null : Dropping(unique) } };
            }
            catch (ArgumentException exception) when (exception is not (UnknownTaskException or UnknownQueueException))
            {
                throw new ArgumentException($"Step '{step}': {exception.Message}", nameof(plan), exception);
            }
        }
    }

    /// <summary>The options of a call within a workflow.</summary>
    public static RunOptions For(RunOptions? run, WorkflowOptions workflow)
    {
        run ??= new RunOptions();
        var headers = workflow.Headers is null ? run.Headers : new Dictionary<string, string>(workflow.Headers.Concat(run.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal)).GroupBy(header => header.Key, StringComparer.Ordinal).Select(header => header.Last()), StringComparer.Ordinal);
        return run with { Headers = headers, Priority = run.Priority ?? workflow.Priority };
    }

    private static UniqueOptions Dropping(UniqueOptions unique) =>
        new() { Scope = unique.Scope, Period = unique.Period, OnDuplicate = unique.OnDuplicate == DuplicateAction.Replace ? DuplicateAction.Replace : DuplicateAction.Drop };

    /// <exception cref="ArgumentException">The options cannot be.</exception>
    public static void Check(WorkflowOptions options)
    {
        if (options.WorkflowId == Guid.Empty)
            throw new ArgumentException($"{nameof(WorkflowOptions.WorkflowId)} is {Guid.Empty}: every workflow without an id would be the same one. Give an id of its own, or null.", nameof(options));
        if (options.Timeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options), options.Timeout, $"{nameof(WorkflowOptions.Timeout)} is {options.Timeout}: the workflow would have expired before it starts. Give more than 0, or null.");
        if (options.Timeout > Longest)
            throw new ArgumentOutOfRangeException(nameof(options), options.Timeout, $"{nameof(WorkflowOptions.Timeout)} is {options.Timeout}. Give up to {Longest.TotalDays:0} days, or null for no deadline.");
        if (options.Priority is < 0 or > 9)
            throw new ArgumentOutOfRangeException(nameof(options), options.Priority, $"{nameof(WorkflowOptions.Priority)} is {options.Priority}. Give 0 (lowest) to 9, or null for that of each task.");
        if (options.Lifetime < TimeSpan.FromSeconds(1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Lifetime, $"{nameof(WorkflowOptions.Lifetime)} is {options.Lifetime}: nobody could read the result. Give 1 second or more.");
        if (options.Lifetime > Longest)
            throw new ArgumentOutOfRangeException(nameof(options), options.Lifetime, $"{nameof(WorkflowOptions.Lifetime)} is {options.Lifetime}. Give up to {Longest.TotalDays:0} days.");
    }

    private string NameOf(Type arguments) => tasks.OptionsOf(arguments).Name;
}

/// <summary>What a workflow is a part of.</summary>
/// <param name="RunId">The run that has handed over to it.</param>
/// <param name="Step">The step that it stands for.</param>
/// <param name="RootId">The outermost workflow.</param>
/// <param name="IsCompensation">Whether it takes the steps of the step's workflow back.</param>
internal sealed record WorkflowOrigin(Guid? RunId = null, WorkflowPlace? Step = null, Guid? RootId = null, bool IsCompensation = false)
{
    public static readonly WorkflowOrigin None = new();
}
