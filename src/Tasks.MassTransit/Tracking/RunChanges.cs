using TasksBus.Observation;

namespace TasksBus.Tracking;

/// <summary>Tells observers what the write of a run has changed.</summary>
internal static class RunChanges
{
    /// <summary>Compares the run with what was stored of it before.</summary>
    /// <param name="feed">Who hears it.</param>
    /// <param name="run">The run as it is stored now.</param>
    /// <param name="before">Its state before; null if nothing was stored, or nobody had looked.</param>
    /// <param name="fencingToken">Its fencing token before.</param>
    public static void Changed(this ObserverFeed feed, TaskSaga run, TaskState? before, long fencingToken)
    {
        Func<ITaskObserver, TaskSnapshot, Task>? tell = (before, Enum.Parse<TaskState>(run.CurrentState)) switch
        {
            // A run that is taken over from a dead worker stays in its state.
            (TaskState.Running, TaskState.Running) when run.FencingToken == fencingToken => null,
            (_, TaskState.Running) => static (observer, now) => observer.Started(now),
            (TaskState.Running, TaskState.Pending) => static (observer, now) => observer.Released(now),
            (TaskState.Failed or TaskState.Revoked or TaskState.Expired, TaskState.Scheduled) => static (observer, now) => observer.Replayed(now),
            var (old, now) when old == now => null,
            (_, TaskState.Succeeded) => static (observer, now) => observer.Succeeded(now),
            (_, TaskState.Retrying) => static (observer, now) => observer.Retrying(now),
            (_, TaskState.Failed) => static (observer, now) => observer.Failed(now),
            (_, TaskState.Revoked) => static (observer, now) => observer.Revoked(now),
            (_, TaskState.Expired) => static (observer, now) => observer.Expired(now),
            _ => null,
        };
        if (tell is not null)
            feed.Tell(run.ToSnapshot, tell);
    }
}
