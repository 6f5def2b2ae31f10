namespace TasksBus.Cli.Supervision;

/// <summary>How many runs wait for a worker; those that wait for a limit, or in a paused queue, do not.</summary>
/// <param name="monitor">Counts them.</param>
/// <param name="queues">Knows which queues are paused.</param>
/// <param name="chosen">Only runs in these queues count; all, if there are none.</param>
internal sealed class Backlog(ITaskMonitor monitor, ITaskQueues queues, IReadOnlyCollection<string> chosen)
{
    private const int LargestPage = 1_000;

    /// <summary>Counts; no further than is needed, where queues are chosen or paused.</summary>
    /// <param name="enough">Where it may stop, 1 or more.</param>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public async Task<long> Count(int enough, CancellationToken cancellationToken)
    {
        var known = await queues.List(cancellationToken).ConfigureAwait(false);
        var paused = known.Where(queue => queue.IsPaused).Select(queue => queue.Name).ToHashSet(StringComparer.Ordinal);
        if (chosen.Count == 0 && paused.Count == 0)
        {
            var pending = await monitor.Count(TaskState.Pending, cancellationToken).ConfigureAwait(false);
            return Math.Max(0, pending - await monitor.CountLimited(cancellationToken).ConfigureAwait(false));
        }

        var count = 0L;
        foreach (var queue in (chosen.Count == 0 ? known.Select(queue => queue.Name) : chosen).Except(paused, StringComparer.Ordinal))
            count += await Count(new TaskQuery { State = TaskState.Pending, Queue = queue, PageSize = Math.Min(enough, LargestPage) }, enough, cancellationToken).ConfigureAwait(false);
        return count;
    }

    private async Task<int> Count(TaskQuery query, int enough, CancellationToken cancellationToken)
    {
        var count = 0;
        string? next;
        do
        {
            var page = await monitor.List(query, cancellationToken).ConfigureAwait(false);
            count += page.Runs.Count(run => run.WaitsFor is null);
            next = page.NextCursor;
            query = query with { PageSize = LargestPage, Cursor = next };
        }
        while (count < enough && next is not null);
        return count;
    }
}
