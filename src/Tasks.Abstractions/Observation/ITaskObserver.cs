namespace TasksBus;

/// <summary>Hears what happens to runs and to the worker, as far as this process records it. Implement the methods that matter.</summary>
/// <remarks>
/// One for the process. It is called after the fact, beside the work, with one event at a time, in the order in which they were recorded here: a slow observer holds up
/// neither runs nor other observers. One that throws is logged, and called again with the next event; one that is 10,000 events behind misses the oldest. The
/// snapshots show what this process knows of the run: arguments and data are missing where they were not needed.
/// </remarks>
public interface ITaskObserver
{
    /// <summary>This process has submitted a run. A worker that was quick may have started it before.</summary>
    Task Submitted(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>An attempt starts.</summary>
    Task Started(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>The handler returned.</summary>
    Task Succeeded(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>An attempt has failed; the next one starts at <see cref="TaskSnapshot.NextAttemptAt"/>.</summary>
    Task Retrying(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>The run has failed for good.</summary>
    Task Failed(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>The run was taken back, before or during an attempt.</summary>
    Task Revoked(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>The run did not start in time.</summary>
    Task Expired(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>The worker stops and has given the run back, for another one.</summary>
    Task Released(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>A run that had ended was started over.</summary>
    Task Replayed(TaskSnapshot run) => Task.CompletedTask;

    /// <summary>This worker has started.</summary>
    /// <param name="worker">Its name.</param>
    Task WorkerStarted(string worker) => Task.CompletedTask;

    /// <summary>This worker was told to stop; attempts may still run.</summary>
    /// <param name="worker">Its name.</param>
    Task WorkerStopping(string worker) => Task.CompletedTask;

    /// <summary>This worker has stopped, and none of its attempts runs any longer.</summary>
    /// <param name="worker">Its name.</param>
    Task WorkerStopped(string worker) => Task.CompletedTask;
}
