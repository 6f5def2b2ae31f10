using Microsoft.Extensions.Logging;

using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>
/// Writes an attempt's progress beside its document, at most once per interval, the latest wins. A handler that reports in a tight loop
/// pays for a comparison, not for a round trip.
/// </summary>
internal sealed class ProgressWriter(ISagaStore store, Guid runId, long fencingToken, TimeSpan interval, TimeProvider clock, ILogger log, Action refused) : IDisposable
{
    private readonly Lock _lock = new();
    private TaskProgress? _latest;
    private TaskProgress? _written;
    private Task _writing = Task.CompletedTask;
    private ITimer? _timer;
    private DateTimeOffset _nextWriteAt;
    private bool _isClosed;

    /// <summary>Reports progress; completes at once unless every report is to be written.</summary>
    public ValueTask Report(TaskProgress progress)
    {
        lock (_lock)
        {
            if (_isClosed || progress.Done < _latest?.Done)
                return ValueTask.CompletedTask;
            _latest = progress;
            if (interval == TimeSpan.Zero)
                return new ValueTask(_writing = Write(_writing));
            if (_timer is null && _writing.IsCompleted)
                WriteNowOrLater();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Ends the writing.</summary>
    /// <returns>The latest progress, if it is not written yet; null if it is.</returns>
    public async ValueTask<Payload?> Close()
    {
        Task writing;
        lock (_lock)
        {
            _isClosed = true;
            _timer?.Dispose();
            writing = _writing;
        }

        await writing.ConfigureAwait(false);
        return ReferenceEquals(_latest, _written) ? null : Payload.From(_latest);
    }

    public void Dispose() => _timer?.Dispose();

    private void WriteNowOrLater()
    {
        var wait = _nextWriteAt - clock.GetUtcNow();
        if (wait <= TimeSpan.Zero)
            _writing = Write(Task.CompletedTask);
        else
            _timer = clock.CreateTimer(static writer => ((ProgressWriter)writer!).WriteOnTime(), this, wait, Timeout.InfiniteTimeSpan);
    }

    private void WriteOnTime()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            if (!_isClosed)
                _writing = Write(Task.CompletedTask);
        }
    }

    private async Task Write(Task previous)
    {
        await previous.ConfigureAwait(false);
        var progress = _latest;
        _nextWriteAt = clock.GetUtcNow() + interval;
        try
        {
            if (await store.WriteField(runId, TaskFields.Progress, Payload.From(progress).Json, fencingToken).ConfigureAwait(false))
                _written = progress;
            else
                refused();
        }
        catch (Exception exception)
        {
            // Progress is not worth an outcome, nor waiting: the next report, or the end of the attempt, writes it again.
            log.ProgressNotWritten(exception, runId);
        }

        lock (_lock)
        {
            if (!_isClosed && interval > TimeSpan.Zero && !ReferenceEquals(_latest, progress) && _timer is null)
                _timer = clock.CreateTimer(static writer => ((ProgressWriter)writer!).WriteOnTime(), this, interval, Timeout.InfiniteTimeSpan);
        }
    }
}
