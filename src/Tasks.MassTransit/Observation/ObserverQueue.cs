using System.Threading.Channels;

using Microsoft.Extensions.Logging;

namespace TasksBus.Observation;

/// <summary>What one observer has still to hear.</summary>
internal sealed class ObserverQueue
{
    private const int Longest = 10_000;

    private readonly ITaskObserver _observer;
    private readonly ILogger _log;
    private readonly Channel<Func<ITaskObserver, Task>> _events;
    private readonly Task _reading;
    private int _missed;

    public ObserverQueue(ITaskObserver observer, ILogger log)
    {
        _observer = observer;
        _log = log;
        _events = Channel.CreateBounded<Func<ITaskObserver, Task>>(
            new BoundedChannelOptions(Longest) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _missed));
        _reading = Task.Run(Read);
    }

    public void Add(Func<ITaskObserver, Task> tell) => _events.Writer.TryWrite(tell);

    /// <summary>Takes nothing more.</summary>
    /// <returns>Ends when the observer has heard what was there.</returns>
    public Task Close()
    {
        _events.Writer.TryComplete();
        return _reading;
    }

    private async Task Read()
    {
        await foreach (var tell in _events.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (Interlocked.Exchange(ref _missed, 0) is > 0 and var missed)
                _log.EventsMissed(_observer.GetType().FullName, missed);
            try
            {
                await tell(_observer).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                _log.ObserverFailed(exception, _observer.GetType().FullName);
            }
        }
    }
}
