using Microsoft.Extensions.Logging;

namespace TasksBus.Workers;

/// <summary>Calls back at a steady pace on a thread of its own: a thread pool that the handlers keep busy must not look like a dead worker.</summary>
/// <param name="clock">The system's, or one under a test's control, which then beats with its timers.</param>
/// <param name="log">For what a callback throws.</param>
internal sealed class Heart(TimeProvider clock, ILogger<Heart> log) : IDisposable
{
    private readonly ManualResetEvent _stop = new(initialState: false);
    private Thread? _thread;
    private ITimer? _timer;

    /// <summary>Starts to beat.</summary>
    /// <param name="interval">The time between two beats.</param>
    /// <param name="onBeat">What to do; it must not wait.</param>
    public void Start(TimeSpan interval, Action onBeat)
    {
        if (clock == TimeProvider.System)
        {
            _thread = new Thread(() => Live(interval, onBeat)) { IsBackground = true, Name = "TasksBus heart" };
            _thread.Start();
        }
        else
        {
            _timer = clock.CreateTimer(_ => BeatOnce(interval, onBeat), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(interval, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _timer?.Dispose();
        _thread?.Join();
        _stop.Dispose();
    }

    private void Live(TimeSpan interval, Action onBeat)
    {
        while (!_stop.WaitOne(interval))
            Beat(onBeat);
    }

    /// <remarks>Not periodic: a clock that a test moves by two weeks would beat a million times.</remarks>
    private void BeatOnce(TimeSpan interval, Action onBeat)
    {
        Beat(onBeat);
        _timer!.Change(interval, Timeout.InfiniteTimeSpan);
    }

    private void Beat(Action onBeat)
    {
        try
        {
            onBeat();
        }
        catch (Exception exception)
        {
            log.BeatFailed(exception);
        }
    }
}
