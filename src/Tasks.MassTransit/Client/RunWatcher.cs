using System.Runtime.CompilerServices;
using System.Threading.Channels;

using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>Reads runs and follows them, woken by the store's signals. Safe to share between threads.</summary>
internal sealed class RunWatcher(RunTracker tracker, Lazy<IWorkflowSteps> steps)
{
    /// <summary>How long to trust the signals before looking again: a signal that went astray, with a connection that broke, delays its receiver but does not strand it.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>The run as it is now.</summary>
    public async ValueTask<TaskSnapshot> Snapshot(Guid runId, CancellationToken cancellationToken) =>
        await Load(runId, cancellationToken).ConfigureAwait(false) is { } run ? run.ToSnapshot() : TaskSnapshot.NotFound(runId);

    /// <summary>The run as it is now, then at each change, until it is final or nothing is known of it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="mayCome">Whether a run of which nothing is known may still be submitted, and is waited for; null: no.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async IAsyncEnumerable<TaskSnapshot> Watch(Guid runId, Func<CancellationToken, Task<bool>>? mayCome, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var signals = Channel.CreateUnbounded<SagaSignal>(new UnboundedChannelOptions { SingleReader = true });
        var subscription = await tracker.Documents.Store.Watch(runId, signal => signals.Writer.TryWrite(signal), cancellationToken).ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            var view = new RunView(runId, tracker.Documents);
            await view.Reload(cancellationToken).ConfigureAwait(false);
            yield return view.Snapshot;

            while (!view.IsOver || (view.IsUnknown && mayCome is not null))
            {
                // Asked before the run is looked for: what is not there once it cannot come any more never was.
                var isAwaited = !view.IsUnknown || await mayCome!(cancellationToken).ConfigureAwait(false);
                var signal = isAwaited ? await Next(signals.Reader, cancellationToken).ConfigureAwait(false) : null;
                if (signal is null || view.MustReload(signal))
                {
                    if (await view.TryReload(cancellationToken).ConfigureAwait(false))
                        yield return view.Snapshot;
                }
                else if (view.Apply(signal) && !IsOutrun(signal, signals.Reader))
                {
                    yield return view.Snapshot;
                }

                if (!isAwaited && view.IsUnknown)
                    yield break;
            }
        }
    }

    /// <summary>Waits until the run is final.</summary>
    /// <exception cref="TaskNotFoundException">Nothing is known of the run.</exception>
    public async Task<TaskSnapshot> Completion(Guid runId, Func<CancellationToken, Task<bool>>? mayCome, CancellationToken cancellationToken)
    {
        var now = await Snapshot(runId, cancellationToken).ConfigureAwait(false);
        if (!now.IsFinal && (now.State != TaskState.NotFound || mayCome is not null))
        {
            await foreach (var snapshot in Watch(runId, mayCome, cancellationToken).ConfigureAwait(false))
                now = snapshot;
        }

        return now.State == TaskState.NotFound ? throw new TaskNotFoundException(runId) : now;
    }

    /// <summary>Takes a run back.</summary>
    public async Task<TaskSnapshot> Revoke(Guid runId, string? reason, CancellationToken cancellationToken)
    {
        var run = await tracker.Raise(tracker.Machine.RevokeWanted, new RevokeTask(runId, reason), runId, cancellationToken).ConfigureAwait(false);
        if (run is not null)
            return run.Saga.ToSnapshot();
        await steps.Value.RevokeSteps([runId], reason, cancellationToken).ConfigureAwait(false);
        return await Snapshot(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the record of a final run.</summary>
    /// <exception cref="InvalidOperationException">The run is not final.</exception>
    public async Task Forget(Guid runId, CancellationToken cancellationToken)
    {
        while (await Load(runId, cancellationToken).ConfigureAwait(false) is { } run)
        {
            var snapshot = run.ToSnapshot();
            if (!snapshot.IsFinal)
                throw new InvalidOperationException($"Run {runId} is {snapshot.State}: only a final run can be forgotten. Wait for its end, or revoke it.");
            if (await tracker.Documents.Store.Remove(runId, run.Version, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    private async ValueTask<TaskSaga?> Load(Guid runId, CancellationToken cancellationToken) =>
        (await tracker.Documents.Load(runId, cancellationToken).ConfigureAwait(false))?.Saga;

    private static async ValueTask<SagaSignal?> Next(ChannelReader<SagaSignal> signals, CancellationToken cancellationToken)
    {
        if (signals.TryRead(out var signal))
            return signal;
        try
        {
            // Waits without reading: a read that is left behind would swallow the next signal.
            await signals.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(LookAgainAfter, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }

        return signals.TryRead(out signal) ? signal : null;
    }

    /// <summary>Whether a later progress is here already.</summary>
    private static bool IsOutrun(SagaSignal signal, ChannelReader<SagaSignal> signals) =>
        signal.Field is not null && signals.TryPeek(out var next) && string.Equals(next.Field, signal.Field, StringComparison.Ordinal);
}
