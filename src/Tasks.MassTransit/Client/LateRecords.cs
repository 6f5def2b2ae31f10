using System.Threading.Channels;

using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>
/// Records runs that the broker has taken and the store has not, as soon as the store answers. A run of which nothing is known can be neither found nor
/// revoked until a worker takes it, which may be hours later.
/// </summary>
internal sealed class LateRecords(RunTracker tracker, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>How many may wait; what is beyond, its worker records.</summary>
    private const int Most = 10_000;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly Channel<TaskSaga> _runs = Channel.CreateBounded<TaskSaga>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task? _recording;

    /// <summary>Records a run later.</summary>
    public void Add(TaskSaga run)
    {
        lock (_lock)
            _recording ??= Record(_stop.Token);
        _runs.Writer.TryWrite(run);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_recording is not null)
            await _recording.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task Record(CancellationToken cancellationToken)
    {
        await foreach (var run in _runs.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            while (!await IsRecorded(run, cancellationToken).ConfigureAwait(false))
                await Task.Delay(BetweenTries, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsRecorded(TaskSaga run, CancellationToken cancellationToken)
    {
        try
        {
            await tracker.Submit(run, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }
}
