namespace TasksBus;

/// <summary>Steers queues on all workers. What is said here is remembered, also for workers that start later. Safe to share between threads.</summary>
/// <remarks>Workers hear of it at once; one that is cut off from the store, when it is back.</remarks>
public interface ITaskQueues
{
    /// <summary>Lets no worker take runs from a queue. What runs goes on, and what is submitted waits, until <see cref="Resume"/>.</summary>
    /// <remarks>Ends once every worker has left the queue; after 5 seconds at the latest, if one does not answer: that one hears of it when it can.</remarks>
    /// <exception cref="UnknownQueueException">Neither this process nor a worker knows the queue.</exception>
    Task Pause(string queue, CancellationToken cancellationToken = default);

    /// <summary>Lets workers take runs from a queue again.</summary>
    /// <inheritdoc cref="Pause"/>
    Task Resume(string queue, CancellationToken cancellationToken = default);

    /// <summary>Waits until every run has ended that was submitted to a queue before the call, then pauses it. Those between two attempts are waited for; delayed runs whose time has not come are not.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Ends the wait; the queue is then not paused.</param>
    /// <exception cref="UnknownQueueException">Neither this process nor a worker knows the queue.</exception>
    /// <exception cref="InvalidOperationException">The queue is paused, so that nothing in it would ever end.</exception>
    Task Drain(string queue, CancellationToken cancellationToken = default);

    /// <summary>Revokes every run that waits in a queue: those that are <see cref="TaskState.Pending"/>, and steps of workflows whose turn has come.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="reason">Why, for people; kept with the runs.</param>
    /// <param name="cancellationToken">Ends the call; some runs may then be revoked.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="UnknownQueueException">Neither this process nor a worker knows the queue.</exception>
    Task<int> Purge(string queue, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Makes workers read a queue, whatever their options say.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="worker">The worker; null: all of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UnknownQueueException">Neither this process nor a worker knows the queue.</exception>
    /// <exception cref="ArgumentException">No such worker lives.</exception>
    Task Add(string queue, string? worker = null, CancellationToken cancellationToken = default);

    /// <summary>Makes workers read a queue no longer, whatever their options say. What they run of it goes on.</summary>
    /// <inheritdoc cref="Add"/>
    Task Remove(string queue, string? worker = null, CancellationToken cancellationToken = default);

    /// <summary>Lets the options of the workers decide again who reads a queue.</summary>
    /// <inheritdoc cref="Pause"/>
    Task Reset(string queue, CancellationToken cancellationToken = default);

    /// <summary>Every queue that this process or a worker knows.</summary>
    Task<IReadOnlyList<QueueSnapshot>> List(CancellationToken cancellationToken = default);
}

/// <summary>A queue at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPaused">Whether no worker takes runs from it.</param>
/// <param name="Readers">The workers that read it.</param>
public sealed record QueueSnapshot(string Name, bool IsPaused, IReadOnlyList<string> Readers);
