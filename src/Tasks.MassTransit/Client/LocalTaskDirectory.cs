namespace TasksBus.Client;

/// <summary>The directory of a process that is all there is: its own catalogue says the same.</summary>
internal sealed class LocalTaskDirectory : ITaskDirectory
{
    public ValueTask Announce(IReadOnlyCollection<TaskListing> tasks, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyCollection<TaskListing>> List(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyCollection<TaskListing>>([]);
}
