using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>
/// Records runs that the broker has taken and the store has not, as soon as the store answers. A run of which nothing is known can be neither found nor
/// revoked until a worker takes it, which may be hours later.
/// </summary>
internal sealed class LateRecords(RunTracker tracker, TimeProvider clock, ILogger<LateRecords> log) : IAsyncDisposable
{
    /// <summary>How many may wait, and with how many bytes of arguments; what is beyond, its worker records.</summary>
    private const int Most = 10_000;

    private const long MostBytes = 64 << 20;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly Channel<TaskSaga> _runs = Channel.CreateBounded<TaskSaga>(new BoundedChannelOptions(Most) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task? _recording;
    private long _bytes;

    /// <summary>Records a run later.</summary>
    public void Add(TaskSaga run)
    {
        lock (_lock)
            _recording ??= Record(_stop.Token);
        if (Interlocked.Add(ref _bytes, LengthOf(run)) > MostBytes || !_runs.Writer.TryWrite(run))
            Interlocked.Add(ref _bytes, -LengthOf(run));
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
            while (!await IsDone(run, cancellationToken).ConfigureAwait(false))
                await Task.Delay(BetweenTries, clock, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _bytes, -LengthOf(run));
        }
    }

    /// <remarks>A worker may have had the run meanwhile; once the record that it made could have expired, another one would be of a run that nobody ever ends.</remarks>
    private async Task<bool> IsDone(TaskSaga run, CancellationToken cancellationToken)
    {
        if (clock.GetUtcNow() >= run.SubmittedAt + run.ResultLifetime)
            return true;
        try
        {
            await tracker.Submit(run, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            log.NotRecordedLater(exception, run.TaskName, run.CorrelationId);
            return true;
        }
    }

    private static long LengthOf(TaskSaga run) => run.Arguments?.Length ?? 0;
}
