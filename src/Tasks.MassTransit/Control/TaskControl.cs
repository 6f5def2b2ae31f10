using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Control;

/// <summary>Steers runs by raising events on them, one by one or page by page.</summary>
internal sealed class TaskControl(RunTracker tracker, IWorkflowSteps steps, ITaskMonitor monitor, TaskCatalogue catalogue, TimeProvider clock) : ITaskControl
{
    private const int AtATime = 50;
    private const int PageSize = 500;

    public async Task<IReadOnlyList<RevokeAnswer>> Revoke(IEnumerable<Guid> runIds, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        var ids = runIds.ToList();
        var answers = new RevokeAnswer[ids.Count];
        await ForEach(ids.Index(), async (id, token) => answers[id.Index] = await Revoke(id.Item, reason, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

        var unknown = answers.Where(answer => answer.Result == RevokeResult.NotFound).Select(answer => answer.RunId);
        var revoked = await steps.RevokeSteps(unknown, reason, cancellationToken).ConfigureAwait(false);
        return revoked.Count == 0 ? answers : Array.ConvertAll(answers, answer => revoked.Contains(answer.RunId) ? answer with { Result = RevokeResult.Revoked } : answer);
    }

    public async Task<IReadOnlyList<RevokeAnswer>> Revoke(TaskQuery query, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var answers = new List<RevokeAnswer>();
        await foreach (var page in Pages(query, cancellationToken).ConfigureAwait(false))
            answers.AddRange(await Revoke(page.Where(run => !run.IsFinal || run.ContinuedAs is not null).Select(run => run.RunId), reason, cancellationToken).ConfigureAwait(false));
        return answers;
    }

    public async Task<TaskSnapshot> Replay(Guid runId, object? arguments = null, CancellationToken cancellationToken = default)
    {
        if (arguments is not null)
            await RefuseOtherTask(runId, arguments, cancellationToken).ConfigureAwait(false);
        var given = arguments is null ? null : Arguments.Serialize(arguments, $"run {runId}", catalogue.Options);
        var replay = new ReplayRun(runId, given, clock.GetUtcNow());
        var run = await tracker.Raise(tracker.Machine.ReplayWanted, replay, cancellationToken).ConfigureAwait(false) ?? throw new TaskNotFoundException(runId);
        if (replay.IsAccepted)
            return run.Saga.ToSnapshot();
        if (run.Saga.Step is { } step)
            throw new InvalidOperationException($"Run {runId} is step '{step.Name}' of workflow {step.WorkflowId}, and starts over with it only. Retry that: {nameof(ITaskClient)}.{nameof(ITaskClient.FindWorkflow)}, then {nameof(WorkflowHandle.Retry)}.");
        throw new InvalidOperationException(
            run.Saga.Arguments is null && given is null
                ? $"Run {runId} cannot be started over: its arguments are not kept. Give arguments, or set {nameof(TaskOptions.KeepArguments)} for task '{run.Saga.TaskName}'."
                : $"Run {runId} is {run.Saga.CurrentState}: only what failed, expired or was revoked can be started over. {(run.Saga.FinishedAt is null ? "Wait for its end, or submit" : "Submit")} a new run.");
    }

    public async Task<int> Replay(TaskQuery query, double? perSecond = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (perSecond is <= 0 or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, $"{nameof(perSecond)} is {perSecond}: nothing would ever start. Give more than 0, or null for all at once.");

        var (now, seen, count) = (clock.GetUtcNow(), 0, 0);
        await foreach (var page in Pages(query with { State = query.State ?? TaskState.Failed }, cancellationToken).ConfigureAwait(false))
        {
            await ForEach(page.Index(), async (run, token) =>
            {
                var startAt = perSecond is { } rate ? now + TimeSpan.FromSeconds((seen + run.Index) / rate) : now;
                var replay = new ReplayRun(run.Item.RunId, Arguments: null, startAt);
                await tracker.Raise(tracker.Machine.ReplayWanted, replay, token).ConfigureAwait(false);
                if (replay.IsAccepted)
                    Interlocked.Increment(ref count);
            }, cancellationToken).ConfigureAwait(false);

            // Also past those that were refused: each instant is given once.
            seen += page.Count;
        }

        return count;
    }

    public async Task<int> Discard(TaskQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var count = 0;
        await foreach (var page in Pages(query, cancellationToken).ConfigureAwait(false))
        {
            await ForEach(page.Where(run => run.IsFinal), async (run, token) =>
            {
                if (await tracker.Documents.Store.Remove(run.RunId, run.Version, token).ConfigureAwait(false))
                    Interlocked.Increment(ref count);
            }, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    public async Task<IReadOnlyList<FailureGroup>> Failures(TaskQuery? query = null, CancellationToken cancellationToken = default)
    {
        var groups = new Dictionary<(string, FailureKind?, string?), FailureGroup>();
        await foreach (var page in Pages((query ?? new TaskQuery()) with { State = TaskState.Failed }, cancellationToken).ConfigureAwait(false))
        {
            foreach (var run in page)
            {
                var key = (run.TaskName, run.FailureKind, run.Error?.Type);
                groups[key] = groups.TryGetValue(key, out var group)
                    ? group with { Count = group.Count + 1 }
                    : new FailureGroup(run.TaskName, run.FailureKind, run.Error?.Type, Count: 1, Latest: run);
            }
        }

        return [.. groups.Values.OrderByDescending(group => group.Count)];
    }

    /// <remarks>They would take the place of arguments that fit.</remarks>
    private async Task RefuseOtherTask(Guid runId, object arguments, CancellationToken cancellationToken)
    {
        if (catalogue.Find(arguments.GetType()) is { } task && await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is { } run && !string.Equals(run.Saga.TaskName, task.Name, StringComparison.Ordinal))
            throw new ArgumentException($"Run {runId} is of task '{run.Saga.TaskName}', and these are arguments of task '{task.Name}'. Give arguments of its own, or submit a new run.", nameof(arguments));
    }

    private async Task<RevokeAnswer> Revoke(Guid runId, string? reason, CancellationToken cancellationToken)
    {
        if (await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false) is not { } before)
            return new RevokeAnswer(runId, RevokeResult.NotFound);
        if (before.Saga.FinishedAt is not null)
        {
            var goesOn = before.Saga.ContinuedAs is { } workflow && await steps.Revoke(workflow, reason, cancellationToken).ConfigureAwait(false);
            return new RevokeAnswer(runId, goesOn ? RevokeResult.Signalled : RevokeResult.AlreadyFinal);
        }

        var after = await tracker.RaiseOn(before, tracker.Machine.RevokeWanted, new RevokeTask(runId, reason), orAbsent: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new RevokeAnswer(runId, after?.Saga switch
        {
            null => RevokeResult.NotFound,
            { } run when run.Is(TaskState.Revoked) => RevokeResult.Revoked,
            { } run when run.Is(TaskState.Running) => RevokeResult.Signalled,
            _ => RevokeResult.AlreadyFinal,
        });
    }

    private async IAsyncEnumerable<IReadOnlyList<TaskSnapshot>> Pages(TaskQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await monitor.List(query with { PageSize = PageSize, Cursor = cursor }, cancellationToken).ConfigureAwait(false);
            yield return page.Runs;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    private static Task ForEach<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> action, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (item, token) => await action(item, token).ConfigureAwait(false));
}
