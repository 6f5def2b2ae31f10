using Microsoft.Extensions.Logging;

namespace TasksBus.Observation;

/// <summary>Tells the application's observers what happens, each at its own pace. Safe to share between threads.</summary>
internal sealed class ObserverFeed(IEnumerable<ITaskObserver> observers, ILogger<ObserverFeed> log)
{
    private readonly ObserverQueue[] _queues = [.. observers.Select(observer => new ObserverQueue(observer, log))];

    /// <summary>Whether nobody observes.</summary>
    public bool IsEmpty => _queues.Length == 0;

    /// <summary>Tells of a run; costs nothing if nobody observes.</summary>
    /// <param name="run">Makes the snapshot.</param>
    /// <param name="tell">Calls the method of the observer.</param>
    public void Tell(Func<TaskSnapshot> run, Func<ITaskObserver, TaskSnapshot, Task> tell)
    {
        if (IsEmpty)
            return;
        var snapshot = run();
        Tell(observer => tell(observer, snapshot));
    }

    /// <summary>Tells of the worker.</summary>
    public void Tell(Func<ITaskObserver, Task> tell)
    {
        foreach (var queue in _queues)
            queue.Add(tell);
    }

    /// <summary>Waits until every observer has heard all there is; nothing is told after.</summary>
    public Task Close(CancellationToken cancellationToken) => Task.WhenAll(_queues.Select(queue => queue.Close())).WaitAsync(cancellationToken);
}
