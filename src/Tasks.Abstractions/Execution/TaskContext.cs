namespace TasksBus;

/// <summary>What a handler knows of its attempt, and what it can tell about it. Safe to share between threads.</summary>
public abstract class TaskContext
{
    /// <summary>The run: the same for all its attempts.</summary>
    public abstract Guid RunId { get; }

    /// <summary>The name under which the task is registered.</summary>
    public abstract string TaskName { get; }

    /// <summary>Which try this is, from 1. A redelivery by the broker keeps the number; a retry adds one.</summary>
    public abstract int Attempt { get; }

    /// <summary>How many attempts the run may have in all.</summary>
    public abstract int MaxAttempts { get; }

    /// <summary>The queue from which the run was taken.</summary>
    public abstract string Queue { get; }

    /// <summary>The name of the worker that runs this attempt.</summary>
    public abstract string Worker { get; }

    /// <summary>When the run was submitted.</summary>
    public abstract DateTimeOffset SubmittedAt { get; }

    /// <summary>The headers given with <see cref="RunOptions.Headers"/>. Never null.</summary>
    public abstract IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>
    /// Grows with every attempt and every takeover of the run. Hand it to a resource of your own, which refuses numbers lower than
    /// the highest it has seen: then a worker that was thought dead cannot write over its successor.
    /// </summary>
    public abstract long FencingToken { get; }

    /// <summary>
    /// Cancelled when the attempt should end: its run was revoked, its lease is lost to another worker, or the worker stops.
    /// A handler that ignores it is abandoned; whatever it does later is not recorded.
    /// </summary>
    public abstract CancellationToken CancellationToken { get; }

    /// <summary>Tells how far the attempt is; written at most once per <see cref="TaskQueueOptions.ProgressInterval"/>, the latest wins.</summary>
    /// <param name="done">Units finished: 0 to <paramref name="total"/>; a value lower than one reported before is ignored.</param>
    /// <param name="total">Units in all; <see langword="null"/> while unknown.</param>
    /// <param name="message">A line for people, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="done"/> is below 0 or above the total, or the total is below 0.</exception>
    public abstract ValueTask ReportProgress(long done, long? total = null, string? message = null);

    /// <summary>
    /// Keeps data of any serialisable shape with the run, for watchers and for later attempts. Replaces what was there before.
    /// </summary>
    /// <remarks>Recorded before this returns, so that a later attempt can go on from it.</remarks>
    /// <exception cref="StaleAttemptException">Another worker has taken the run over.</exception>
    /// <exception cref="ArgumentException">The data cannot be serialised, or is longer than <see cref="TaskQueueOptions.MaxPayloadSize"/>.</exception>
    public abstract ValueTask SaveData<T>(T data);

    /// <summary>Reads the data that this or an earlier attempt of the run has saved, or the default of <typeparamref name="T"/> if none did.</summary>
    public abstract T? ReadData<T>();

    /// <summary>Which step of which workflow the run is; null if it is none.</summary>
    public abstract WorkflowPlace? Step { get; }

    /// <summary>
    /// Hands over to a workflow, or a single call, that takes the place of the run: <c>return context.ContinueAs(workflow)</c>. The run ends with the attempt and
    /// gives its slot back; its result, for whoever waits for it, is that of the workflow. Who revokes the run revokes the workflow.
    /// </summary>
    /// <remarks>
    /// Submitted when the handler has returned, once, however often the run is repeated; not if the handler throws. A second call replaces the first. When a
    /// workflow around the run is retried, the one that has failed in its place is retried, too, or submitted anew if that cannot be.
    /// </remarks>
    /// <typeparam name="TResult">The result of the task.</typeparam>
    /// <param name="workflow">What takes the run's place.</param>
    /// <returns>To be returned by the handler; nobody reads it.</returns>
    public abstract TResult ContinueAs<TResult>(Workflow<TResult> workflow);

    /// <inheritdoc cref="ContinueAs{TResult}(Workflow{TResult})"/>
    public abstract void ContinueAs(Workflow workflow);

    /// <summary>Adds a member to the group in which the run is a step: it starts at once, and the group waits for it, too, with its result at the end of the list.</summary>
    /// <remarks>
    /// Added once, however often the run is repeated: what an attempt adds as its n-th, in the order of the calls, is what the one before has added as its n-th, which stays. So
    /// what another attempt would add in its place is left out, and what was added before an attempt failed is not taken back. The same goes for a retry of the workflow.
    /// </remarks>
    /// <param name="workflow">The member: any workflow without signals.</param>
    /// <exception cref="InvalidOperationException">The run is no member of a group, or the group has ended.</exception>
    /// <exception cref="ArgumentException">A call of it could not be submitted, or it waits for a signal.</exception>
    public abstract Task AddToGroup(Workflow workflow);
}
