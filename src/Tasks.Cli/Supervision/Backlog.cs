namespace TasksBus.Cli.Supervision;

/// <summary>How many runs wait for a worker.</summary>
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
            return await monitor.Count(TaskState.Pending, cancellationToken).ConfigureAwait(false);

        var count = 0L;
        foreach (var queue in queues)
        {
            var query = new TaskQuery { State = TaskState.Pending, Queue = queue, PageSize = Math.Min(enough, LargestPage) };
            count += (await monitor.List(query, cancellationToken).ConfigureAwait(false)).Runs.Count;
        }

        return count;
    }
}
