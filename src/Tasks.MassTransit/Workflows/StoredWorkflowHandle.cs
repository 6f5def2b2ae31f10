using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>A handle that asks the store.</summary>
internal sealed class StoredWorkflowHandle<TResult>(Guid workflowId, WorkflowReader reader, WorkflowControl control, Signals signals, TaskQueueOptions options) : WorkflowHandle<TResult>(workflowId)
{
    public override Task<WorkflowSnapshot> Snapshot(CancellationToken cancellationToken = default) => reader.Snapshot(WorkflowId, cancellationToken);

    public override IAsyncEnumerable<WorkflowSnapshot> Watch(CancellationToken cancellationToken = default) => reader.Watch(WorkflowId, cancellationToken);

    public override async Task<WorkflowSnapshot> Completion(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        await End(timeout, cancellationToken).ConfigureAwait(false);
        return await Snapshot(cancellationToken).ConfigureAwait(false);
    }

    public override Task<TResult> Result(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => Result<TResult>(timeout, cancellationToken);

    public override async Task<T> Result<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        if (await End(timeout, cancellationToken).ConfigureAwait(false) != WorkflowState.Succeeded)
            throw new WorkflowFailedException(await Snapshot(cancellationToken).ConfigureAwait(false));
        var result = await reader.Result(WorkflowId, cancellationToken).ConfigureAwait(false);
        try
        {
            return result.As<T>(options.Json)!;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new TaskResultException(
                $"The result of workflow {WorkflowId} cannot be read as {typeof(T).FullName}: {exception.Message} Read it as what its last step returns, or as the list of that if it ends with a group.", exception);
        }
    }

    public override IAsyncEnumerable<StepResult> Results(CancellationToken cancellationToken = default) => reader.Results(WorkflowId, cancellationToken);

    public override Task<TaskHandle> Step(string step, CancellationToken cancellationToken = default) => reader.Step(WorkflowId, step, id => new StoredWorkflowHandle<object?>(id, reader, control, signals, options), cancellationToken);

    public override async Task<WorkflowState> Revoke(string? reason = null, CancellationToken cancellationToken = default) =>
        (await control.Revoke(WorkflowId, reason, cancellationToken).ConfigureAwait(false))?.State ?? WorkflowState.NotFound;

    public override Task Retry(CancellationToken cancellationToken = default) => control.Retry(WorkflowId, cancellationToken);

    public override Task Signal(string name, object? payload = null, CancellationToken cancellationToken = default) =>
        signals.Send(WorkflowId, name, PayloadOf(name, payload), cancellationToken);

    private Payload PayloadOf(string signal, object? value)
    {
        Payload payload;
        try
        {
            payload = Payload.From(value, options.Json);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new ArgumentException($"The payload of signal '{signal}' cannot be serialised: {exception.Message}", nameof(value), exception);
        }

        return payload.Length <= options.MaxPayloadSize
            ? payload
            : throw new ArgumentException(PayloadSize.TooLong($"The payload of signal '{signal}' is", payload.Length, options.MaxPayloadSize), nameof(value));
    }

    private async Task<WorkflowState> End(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout ?? TimeSpan.Zero, TimeSpan.Zero, nameof(timeout));
        if (timeout is null)
            return await reader.End(WorkflowId, cancellationToken).ConfigureAwait(false);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await reader.End(WorkflowId, deadline.Token).WaitAsync(timeout.Value, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Workflow {WorkflowId} is not final after {timeout}. It goes on; wait longer, or revoke it.", exception);
        }
        finally
        {
            await deadline.CancelAsync().ConfigureAwait(false);
        }
    }
}
