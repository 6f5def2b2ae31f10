using System.Text.Json;

namespace TasksBus.Client;

/// <summary>A handle that asks the store.</summary>
/// <param name="runId">The run.</param>
/// <param name="watcher">Asks it.</param>
/// <param name="json">How results are written.</param>
/// <param name="continuation">Gives the workflow to which a run has handed over.</param>
/// <param name="mayCome">Whether the run may still come if nothing is known of it; null: it has been recorded.</param>
internal sealed class StoredTaskHandle<TResult>(
    Guid runId, RunWatcher watcher, JsonSerializerOptions json, Func<Guid, WorkflowHandle> continuation, Func<CancellationToken, Task<bool>>? mayCome = null) : TaskHandle<TResult>(runId)
{
    public override Task<TaskSnapshot> Snapshot(CancellationToken cancellationToken = default) => watcher.Snapshot(RunId, cancellationToken).AsTask();

    public override IAsyncEnumerable<TaskSnapshot> Watch(CancellationToken cancellationToken = default) => watcher.Watch(RunId, mayCome, cancellationToken);

    public override async Task<TaskSnapshot> Completion(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout ?? TimeSpan.Zero, TimeSpan.Zero, nameof(timeout));
        if (timeout is null)
            return await watcher.Completion(RunId, mayCome, cancellationToken).ConfigureAwait(false);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await watcher.Completion(RunId, mayCome, deadline.Token).WaitAsync(timeout.Value, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Run {RunId} is not final after {timeout}. It goes on; wait longer, or revoke it.", exception);
        }
        finally
        {
            await deadline.CancelAsync().ConfigureAwait(false);
        }
    }

    public override Task<TResult> Result(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => Result<TResult>(timeout, cancellationToken);

    public override async Task<T> Result<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var run = await Completion(timeout, cancellationToken).ConfigureAwait(false);
        return run.State switch
        {
            TaskState.Succeeded when run.ContinuedAs is { } workflow => await continuation(workflow).Result<T>(timeout, cancellationToken).ConfigureAwait(false),
            TaskState.Succeeded => Read<T>(run),
            TaskState.Failed => throw new TaskFailedException(run),
            TaskState.Revoked => throw new TaskRevokedException(run),
            _ => throw new TaskExpiredException(run),
        };
    }

    public override Task<TaskSnapshot> Revoke(string? reason = null, CancellationToken cancellationToken = default) => watcher.Revoke(RunId, reason, cancellationToken);

    public override Task Forget(CancellationToken cancellationToken = default) => watcher.Forget(RunId, cancellationToken);

    private T Read<T>(TaskSnapshot run)
    {
        if (run.Result is null)
        {
            // Whoever takes anything only waits, and takes nothing as well.
            if (typeof(T) == typeof(object))
                return default!;
            throw new TaskResultException(
                $"Run {RunId} of task '{run.TaskName}' succeeded, but it has no result: the handler returns none, or {nameof(TaskOptions.KeepResult)} is off. " +
                $"Wait for it with {nameof(Completion)}.");
        }

        try
        {
            return run.Result.As<T>(json)!;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new TaskResultException(
                $"The result of run {RunId} of task '{run.TaskName}' cannot be read as {typeof(T).FullName}: {exception.Message} Read it as the type that the handler returns.", exception);
        }
    }
}
