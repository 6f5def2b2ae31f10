using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Queues;

/// <summary>Says to all workers what to do with queues.</summary>
internal sealed class TaskQueues(QueueSettings settings, RunTracker tracker, IWorkflowSteps steps, ITaskMonitor monitor, TaskCatalogue catalogue, TimeProvider clock) : ITaskQueues
{
    private const int PageSize = 500;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan WhileLeaving = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(5);

    private static readonly TaskState[] UnderWay = [TaskState.Retrying, TaskState.Pending, TaskState.Running];

    public async Task Pause(string queue, CancellationToken cancellationToken = default)
    {
        await Known(queue, cancellationToken).ConfigureAwait(false);
        await Hold(queue, cancellationToken).ConfigureAwait(false);
    }

    public async Task Resume(string queue, CancellationToken cancellationToken = default)
    {
        await Known(queue, cancellationToken).ConfigureAwait(false);
        await settings.Change(queue, setting => setting.IsPaused = false, cancellationToken).ConfigureAwait(false);
    }

    public async Task Drain(string queue, CancellationToken cancellationToken = default)
    {
        await Known(queue, cancellationToken).ConfigureAwait(false);
        if ((await settings.Load(cancellationToken).ConfigureAwait(false)).GetValueOrDefault(queue)?.IsPaused == true)
            throw new InvalidOperationException($"Queue '{queue}' is paused, so that nothing in it would ever end. Call {nameof(Resume)} first.");

        var before = clock.GetUtcNow();

        // Twice, because a run may move from a state that was not looked at yet to one that was.
        while (await Holds(queue, before, cancellationToken).ConfigureAwait(false) || await Holds(queue, before, cancellationToken).ConfigureAwait(false))
            await Task.Delay(BetweenLooks, clock, cancellationToken).ConfigureAwait(false);
        await Hold(queue, cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> Purge(string queue, string? reason = null, CancellationToken cancellationToken = default)
    {
        await Known(queue, cancellationToken).ConfigureAwait(false);
        var query = new TaskQuery { Queue = queue, State = TaskState.Pending, PageSize = PageSize };
        var count = 0;
        do
        {
            var page = await monitor.List(query, cancellationToken).ConfigureAwait(false);
            await Parallel.ForEachAsync(page.Runs, cancellationToken, async (run, token) =>
            {
                // One that a worker has claimed meanwhile is left alone.
                var purge = new PurgeRun(run.RunId, reason);
                await tracker.Raise(tracker.Machine.PurgeWanted, purge, token).ConfigureAwait(false);
                if (purge.IsAccepted)
                    Interlocked.Increment(ref count);
            }).ConfigureAwait(false);
            query = query with { Cursor = page.NextCursor };
        }
        while (query.Cursor is not null);
        return count + await steps.Purge(queue, reason, cancellationToken).ConfigureAwait(false);
    }

    public Task Add(string queue, string? worker = null, CancellationToken cancellationToken = default) => Say(queue, worker, isRead: true, cancellationToken);

    public Task Remove(string queue, string? worker = null, CancellationToken cancellationToken = default) => Say(queue, worker, isRead: false, cancellationToken);

    public async Task Reset(string queue, CancellationToken cancellationToken = default)
    {
        await Known(queue, cancellationToken).ConfigureAwait(false);
        await settings.Change(queue, setting =>
        {
            setting.IsRead = null;
            setting.Readers.Clear();
        }, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<QueueSnapshot>> List(CancellationToken cancellationToken = default)
    {
        var workers = await monitor.Workers(cancellationToken).ConfigureAwait(false);
        var said = await settings.Load(cancellationToken).ConfigureAwait(false);
        return
        [
            .. KnownTo(workers).Union(said.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(queue => new QueueSnapshot(
                queue, said.GetValueOrDefault(queue)?.IsPaused == true, [.. workers.Where(worker => worker.Queues.Contains(queue, StringComparer.Ordinal)).Select(worker => worker.Name)])),
        ];
    }

    /// <summary>Pauses a queue, and waits until no worker reads it any more; not for one that is cut off, or hangs.</summary>
    private async Task Hold(string queue, CancellationToken cancellationToken)
    {
        await settings.Change(queue, setting => setting.IsPaused = true, cancellationToken).ConfigureAwait(false);
        var since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since) < LongestLeave && (await monitor.Workers(cancellationToken).ConfigureAwait(false)).Any(worker => worker.Queues.Contains(queue, StringComparer.Ordinal)))
            await Task.Delay(WhileLeaving, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    private async Task Say(string queue, string? worker, bool isRead, CancellationToken cancellationToken)
    {
        var workers = await Known(queue, cancellationToken).ConfigureAwait(false);
        var names = workers.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        if (worker is not null && !names.Contains(worker))
            throw new ArgumentException($"No worker '{worker}' lives.{NearMiss.For(worker, names)} Those that do: '{string.Join("', '", names.Order(StringComparer.Ordinal))}'.", nameof(worker));

        await settings.Change(queue, setting =>
        {
            // What was said to workers that are gone is of no use to anybody.
            foreach (var gone in setting.Readers.Keys.Where(name => worker is null || !names.Contains(name)).ToList())
                setting.Readers.Remove(gone);
            if (worker is null)
                setting.IsRead = isRead;
            else
                setting.Readers[worker] = isRead;
        }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> Holds(string queue, DateTimeOffset before, CancellationToken cancellationToken)
    {
        foreach (var state in UnderWay)
        {
            var query = new TaskQuery { Queue = queue, State = state, SubmittedBefore = before.AddTicks(1), PageSize = 1 };
            if ((await monitor.List(query, cancellationToken).ConfigureAwait(false)).Runs.Count > 0)
                return true;
        }

        return false;
    }

    private async Task<IReadOnlyList<WorkerSnapshot>> Known(string queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var workers = await monitor.Workers(cancellationToken).ConfigureAwait(false);
        var known = KnownTo(workers).Union((await settings.Load(cancellationToken).ConfigureAwait(false)).Keys, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        return known.Contains(queue)
            ? workers
            : throw new UnknownQueueException(
                $"Queue '{queue}' is known neither to this process nor to a worker.{NearMiss.For(queue, known)} Those known: '{string.Join("', '", known.Order(StringComparer.Ordinal))}'.");
    }

    private IEnumerable<string> KnownTo(IEnumerable<WorkerSnapshot> workers) => catalogue.Queues.Concat(workers.SelectMany(worker => worker.Queues)).Distinct(StringComparer.Ordinal);
}
