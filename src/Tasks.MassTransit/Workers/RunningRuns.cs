using System.Runtime.CompilerServices;

using TasksBus.Tracking;

namespace TasksBus.Workers;

/// <summary>What is recorded as running, anywhere.</summary>
internal sealed class RunningRuns(RunTracker tracker)
{
    private const int PageSize = 200;

    /// <summary>Every such run, page by page.</summary>
    public async IAsyncEnumerable<SagaDocument<TaskSaga>> All([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SagaPlace? next = null;
        do
        {
            var query = new SagaQuery(TaskFields.IndexOf(TaskState.Running), 0, long.MaxValue / 1_024, next, PageSize);
            var page = await tracker.Documents.Store.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Sagas)
                yield return tracker.Documents.Read(run);
            next = page.Next;
        }
        while (next is not null);
    }
}
