namespace TasksBus.Cli.Supervision;

/// <summary>How many runs wait for a worker; those that wait for a limit do not.</summary>
/// <param name="monitor">Counts them.</param>
/// <param name="queues">Only those in these queues; all, if there are none.</param>
internal sealed class Backlog(ITaskMonitor monitor, IReadOnlyCollection<string> queues)
{
    private const int LargestPage = 1_000;

    /// <summary>Counts; in chosen queues no further than is needed.</summary>
    /// <param name="enough">Where it may stop, 1 or more.</param>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public async Task<long> Count(int enough, CancellationToken cancellationToken)
    {
        if (queues.Count == 0)
        {
            var pending = await monitor.Count(TaskState.Pending, cancellationToken).ConfigureAwait(false);
            return Math.Max(0, pending - await monitor.CountLimited(cancellationToken).ConfigureAwait(false));
        }

        var count = 0L;
        foreach (var queue in queues)
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
