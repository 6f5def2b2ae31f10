using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Observation;
using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>Hands runs over: what may start goes to its queue, what must wait goes to the store.</summary>
internal sealed class RunSubmitter(
    TaskCatalogue catalogue, RunSender sender, RunTracker tracker, LateRecords late, RunWatcher watcher, UniqueRuns uniqueRuns, ObserverFeed observers, TimeProvider clock, ILogger<RunSubmitter> log)
{
    /// <summary>So long a run that the broker has and the store has not may be on its way.</summary>
    private static readonly TimeSpan LongestUnknown = TimeSpan.FromDays(1);

    /// <summary>Submits a run.</summary>
    /// <returns>The run that does it: unless another one has its unique key, itself.</returns>
    public async Task<Submitted> Submit(Submission submission, CancellationToken cancellationToken)
    {
        var (message, deadline) = (submission.Message, SubmitDeadline.In(catalogue.Options.SubmitTimeout));
        var run = NewRun.From(message, submission.Task, message.Queue!, clock.GetUtcNow());
        if (submission.HasGivenId)
            await RefuseTakenId(message, parameter: "options", deadline, cancellationToken).ConfigureAwait(false);
        var others = submission.Unique is { } unique ? await Enter(message, unique, deadline, cancellationToken).ConfigureAwait(false) : default;
        if (others.Existing is { } existing)
            return new Submitted(submission.Unique!.Options.OnDuplicate == DuplicateAction.Drop ? await Drop(run, existing, deadline, cancellationToken).ConfigureAwait(false) : existing);

        bool isRecorded;
        try
        {
            isRecorded = await (run.Is(TaskState.Scheduled) ? Schedule(run, deadline, cancellationToken) : Send(run, message, deadline, cancellationToken)).ConfigureAwait(false);
        }
        catch when (others.Place is not null)
        {
            await GiveBack(message, others.Place).ConfigureAwait(false);
            throw;
        }

        if (others.Place?.Replaced is { } replaced)
            await Replace(replaced, message, cancellationToken).ConfigureAwait(false);
        observers.Tell(run.ToSnapshot, static (observer, submitted) => observer.Submitted(submitted));
        return new Submitted(message.RunId, isRecorded ? null : run.SubmittedAt + LongestUnknown);
    }

    /// <returns>Whether the store knows the run.</returns>
    private async Task<bool> Send(TaskSaga run, RunMessage message, SubmitDeadline deadline, CancellationToken cancellationToken)
    {
        await sender.Send(message, deadline.Left, cancellationToken).ConfigureAwait(false);
        try
        {
            await Record(run, deadline, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            // The broker has the run, so it will be run and recorded; to fail now would make the caller submit it twice.
            log.NotRecorded(exception, message.TaskName, message.RunId);
            late.Add(run);
            return false;
        }
    }

    /// <remarks>A run that waits is in the store alone: what the store did not take is not submitted.</remarks>
    private async Task<bool> Schedule(TaskSaga run, SubmitDeadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            await Record(run, deadline, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            throw NotSubmitted(run.CorrelationId, run.TaskName, exception);
        }
    }

    private async Task<UniqueAnswer> Enter(RunMessage message, UniqueKey unique, SubmitDeadline deadline, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(deadline.Left);
        try
        {
            return await uniqueRuns.Enter(message, unique, end.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is StoreUnavailableException or OperationCanceledException)
        {
            throw NotSubmitted(message.RunId, message.TaskName, exception);
        }
    }

    /// <remarks>What has become of the submission is for the caller to hear, not what has become of its key.</remarks>
    private async Task GiveBack(RunMessage message, UniquePlace place)
    {
        using var deadline = new CancellationTokenSource(catalogue.Options.SubmitTimeout);
        try
        {
            await uniqueRuns.GiveBack(place, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            log.KeyNotGivenBack(exception, message.TaskName, message.RunId);
        }
    }

    private async Task Replace(Guid first, RunMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await uniqueRuns.Revoke(first, message.RunId, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception)
        {
            // The second is submitted all the same; to fail now would make the caller submit it twice.
            log.NotReplaced(exception, first, message.TaskName, message.RunId);
        }
    }

    /// <summary>Records a run as what became of it: nothing.</summary>
    private async Task<Guid> Drop(TaskSaga run, Guid first, SubmitDeadline deadline, CancellationToken cancellationToken)
    {
        run.CurrentState = TaskFields.NameOf(TaskState.Revoked);
        run.RevokeReason = $"Run {first} is there for the same.";
        run.FinishedAt = clock.GetUtcNow();
        run.DueAt = null;
        if (!run.KeepArguments)
            run.FieldWrites.Clear();
        await Schedule(run, deadline, cancellationToken).ConfigureAwait(false);
        return run.CorrelationId;
    }

    private static SubmitException NotSubmitted(Guid runId, string taskName, Exception exception) => new(
        runId,
        $"Run {runId} of task '{taskName}' was not submitted: the store, which it needs first, did not confirm it. " +
        $"Submit it again; under the same {nameof(RunOptions.RunId)} that is safe. ({exception.Message})",
        exception);

    private Task<TaskSaga?> Record(TaskSaga run, SubmitDeadline deadline, CancellationToken cancellationToken) =>
        tracker.Submit(run, cancellationToken).AsTask().WaitAsync(deadline.Left, TimeProvider.System, cancellationToken);

    /// <remarks>
    /// Before anything is sent: a worker would take the message for the run that has the id. A store that does not answer keeps nothing from being sent, so half of
    /// the time is left for that.
    /// </remarks>
    private async Task RefuseTakenId(RunMessage message, string parameter, SubmitDeadline deadline, CancellationToken cancellationToken)
    {
        TaskSnapshot existing;
        try
        {
            existing = await watcher.Snapshot(message.RunId, cancellationToken).AsTask()
                .WaitAsync(deadline.Left / 2, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            log.NotCompared(exception, message.TaskName, message.RunId);
            return;
        }

        if (existing.State == TaskState.NotFound || string.Equals(existing.TaskName, message.TaskName, StringComparison.Ordinal))
            return;
        throw new ArgumentException(
            $"{nameof(RunOptions.RunId)} {message.RunId} is that of a run of task '{existing.TaskName}' already, so task '{message.TaskName}' cannot have it. Give it an id of its own.",
            parameter);
    }
}
