using TasksBus.Tracking;
using TasksBus.Workers;

namespace TasksBus.Monitoring;

/// <summary>Lists runs from the store's indexes: reads the smallest index that applies, and holds what it finds against the rest of the query.</summary>
internal sealed class TaskMonitor(SagaDocuments<TaskSaga> documents, WorkerRegistry workers) : ITaskMonitor
{
    public async Task<TaskPage> List(TaskQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new TaskQuery();
        if (query.PageSize is < 1 or > 1_000)
            throw new ArgumentOutOfRangeException(nameof(query), query.PageSize, $"{nameof(TaskQuery.PageSize)} is {query.PageSize}. Give 1 to 1,000.");

        var index = await IndexFor(query, cancellationToken).ConfigureAwait(false);
        var place = query.Cursor is null ? null : PageCursor.Read(query.Cursor);
        var found = new List<TaskSnapshot>(query.PageSize);
        do
        {
            var page = await Read(index, query, place, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Sagas)
            {
                place = PageCursor.Of(run.Saga);
                if (!Matches(run.Saga, query))
                    continue;
                found.Add(run.Saga.ToSnapshot() with { Arguments = null, Result = null, Data = null });
                if (found.Count == query.PageSize)
                    return new TaskPage(found, PageCursor.Write(place));
            }

            place = page.Next;
        }
        while (place is not null);

        return new TaskPage(found, NextCursor: null);
    }

    public async Task<long> Count(TaskState state, CancellationToken cancellationToken = default) =>
        state == TaskState.NotFound ? 0 : await documents.Store.Count(TaskFields.IndexOf(state), cancellationToken).ConfigureAwait(false);

    public async Task<long> CountLimited(CancellationToken cancellationToken = default) =>
        await documents.Store.Count(TaskFields.IndexOfLimited, cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<WorkerSnapshot>> Workers(CancellationToken cancellationToken = default) =>
        [.. (await workers.List(cancellationToken).ConfigureAwait(false))
            .Select(worker => worker.Saga)
            .Where(worker => worker.LeaseLeft > TimeSpan.Zero)
            .Select(worker => new WorkerSnapshot(worker.Name, worker.Machine, worker.ProcessId, worker.StartedAt, worker.Queues, worker.Concurrency, worker.Silence))];

    private async ValueTask<string> IndexFor(TaskQuery query, CancellationToken cancellationToken)
    {
        var applicable = new List<string>(capacity: 3);
        if (query.State is { } state)
            applicable.Add(TaskFields.IndexOf(state));
        if (query.TaskName is { } task)
            applicable.Add(TaskFields.IndexOfTask(task));
        if (query.Queue is { } queue)
            applicable.Add(TaskFields.IndexOfQueue(queue));
        if (applicable.Count < 2)
            return applicable.Count == 0 ? TaskFields.IndexOfAll : applicable[0];

        var counts = await Task.WhenAll(applicable.Select(index => documents.Store.Count(index, cancellationToken).AsTask())).ConfigureAwait(false);
        return applicable[Array.IndexOf(counts, counts.Min())];
    }

    /// <summary>The next runs of the index, newest first.</summary>
    private async ValueTask<(IReadOnlyList<SagaDocument<TaskSaga>> Sagas, SagaPlace? Next)> Read(
        string index, TaskQuery query, SagaPlace? after, CancellationToken cancellationToken)
    {
        var from = query.SubmittedFrom?.ToUnixTimeMilliseconds() ?? 0;
        var to = query.SubmittedBefore?.ToUnixTimeMilliseconds() ?? long.MaxValue / 1_024;
        var page = await documents.Store.List(new SagaQuery(index, from, to, after, query.PageSize), cancellationToken).ConfigureAwait(false);
        return ([.. page.Sagas.Select(documents.Read)], page.Next);
    }

    private static bool Matches(TaskSaga run, TaskQuery query) =>
        (query.State is not { } state || run.Is(state))
        && (query.SubmittedFrom is not { } from || run.SubmittedAt >= from)
        && (query.SubmittedBefore is not { } before || run.SubmittedAt < before)
        && (query.TaskName is null || string.Equals(run.TaskName, query.TaskName, StringComparison.Ordinal))
        && (query.Queue is null || string.Equals(run.Queue, query.Queue, StringComparison.Ordinal))
        && (query.LimitKey is null || string.Equals(run.LimitKey, query.LimitKey, StringComparison.Ordinal))
        && (query.FailureKind is null || run.FailureKind == query.FailureKind)
        && (query.ErrorType is null || string.Equals(run.Error?.Type, query.ErrorType, StringComparison.Ordinal))
        && (query.Headers is null || query.Headers.All(header => run.Headers?.TryGetValue(header.Key, out var value) == true && string.Equals(value, header.Value, StringComparison.Ordinal)));
}
