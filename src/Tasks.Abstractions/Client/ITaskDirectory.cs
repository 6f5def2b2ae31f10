namespace TasksBus.Client;

/// <summary>Where workers make known which tasks they run, for callers that know only a name. Safe to share between threads.</summary>
public interface ITaskDirectory
{
    /// <summary>Adds tasks, or changes the queue of known ones. They stay known after their workers have stopped.</summary>
    ValueTask Announce(IReadOnlyCollection<TaskListing> tasks, CancellationToken cancellationToken = default);

    /// <summary>Every task that a worker has announced.</summary>
    ValueTask<IReadOnlyCollection<TaskListing>> List(CancellationToken cancellationToken = default);
}

/// <summary>A task that workers run.</summary>
/// <param name="TaskName">Its name.</param>
/// <param name="Queue">Where its runs wait.</param>
public sealed record TaskListing(string TaskName, string Queue);
