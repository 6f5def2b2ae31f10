using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using TasksBus.Pipeline;

namespace TasksBus.Execution;

/// <summary>Gathers attempts of one task and hands them to its handler in one call. Each goes on by itself: with its own claim, lease and outcome.</summary>
internal abstract class BatchInvoker<TArgs, TItem>(bool hasResult, JsonSerializerOptions json, int maxPayloadSize) : TaskInvoker<TArgs>(hasResult, json, maxPayloadSize)
    where TArgs : class
    where TItem : TaskBatchItem
{
    private readonly Lock _lock = new();
    private AttemptBatch<TItem>? _gathering;

    public override bool IsBatch => true;

    public override async Task<object?> Invoke(Attempt attempt)
    {
        var member = new BatchMember<TItem>(attempt, Describe((TArgs)attempt.Arguments!, attempt.Context));
        var batch = Join(member);
        var stopping = attempt.Cancelled.UnsafeRegister(_ => batch.Stop(member), state: null);
        await using (stopping.ConfigureAwait(false))
        {
            var leaving = attempt.Abandoned.UnsafeRegister(_ => batch.Leave(), state: null);
            await using (leaving.ConfigureAwait(false))
                return await member.Item.Outcome.ConfigureAwait(false);
        }
    }

    /// <summary>Shows a run to the handler.</summary>
    protected abstract TItem Describe(TArgs arguments, TaskContext context);

    /// <summary>Calls the handler.</summary>
    protected abstract Task Call(IServiceProvider services, IReadOnlyList<TItem> items, CancellationToken cancellationToken);

    /// <summary>Gives an item its outcome that the handler has returned without.</summary>
    protected abstract void End(TItem item);

    private AttemptBatch<TItem> Join(BatchMember<TItem> member)
    {
        // What the batch needs must outlive the scope of the attempt that happened to bring it.
        var services = member.Attempt.Services!;
        var (scopes, turns, log) = (services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<HandlerTurns>(), services.GetRequiredService<ILogger<RunExecutor>>());
        var options = member.Attempt.Options;
        lock (_lock)
        {
            var batch = _gathering ??= new AttemptBatch<TItem>();
            batch.Window ??= ByItself(() => services.GetRequiredService<TimeProvider>().CreateTimer(_ => Close(batch), state: null, options.Batch.Window, Timeout.InfiniteTimeSpan));
            if (batch.Add(member) >= options.Batch.Size)
                Close(batch);
            return batch;
        }

        void Close(AttemptBatch<TItem> batch)
        {
            lock (_lock)
            {
                if (_gathering != batch)
                    return;
                _gathering = null;
            }

            batch.Close();
            _ = ByItself(() => Task.Run(() => Run(batch, () => new HandlerScope(scopes, log), turns, options.Execution), CancellationToken.None));
        }
    }

    private async Task Run(AttemptBatch<TItem> batch, Func<HandlerScope> open, HandlerTurns turns, HandlerExecution? execution)
    {
        try
        {
            using var turn = await turns.Take(execution, batch.Cancelled).ConfigureAwait(false);
            var items = batch.Begin();
            if (items.Count == 0)
                return;

            await CallIn(open(), turn, items, batch).ConfigureAwait(false);
            foreach (var item in items)
                End(item);
        }
        catch (Exception exception)
        {
            batch.Fail(exception);
        }
    }

    private async Task CallIn(HandlerScope scope, IHandlerTurn turn, IReadOnlyList<TItem> items, AttemptBatch<TItem> batch)
    {
        Task? handler = null;
        try
        {
            handler = turn.Start(async () =>
            {
                await Call(scope.Services, items, batch.Cancelled).ConfigureAwait(false);
                return null;
            });
            await handler.WaitAsync(batch.Abandoned).ConfigureAwait(false);
        }
        finally
        {
            await scope.End(handler).ConfigureAwait(false);
        }
    }

    /// <summary>Starts something that is no part of the attempt from which it is started, and so not of its log scope.</summary>
    private static T ByItself<T>(Func<T> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return start();
        using (ExecutionContext.SuppressFlow())
            return start();
    }
}

/// <summary>Calls an <see cref="ITaskBatchHandler{TArgs}"/>.</summary>
internal sealed class BatchHandlerInvoker<THandler, TArgs>(JsonSerializerOptions json, int maxPayloadSize)
    : BatchInvoker<TArgs, TaskBatchItem<TArgs>>(hasResult: false, json, maxPayloadSize)
    where THandler : class, ITaskBatchHandler<TArgs>
    where TArgs : class
{
    protected override TaskBatchItem<TArgs> Describe(TArgs arguments, TaskContext context) => new(arguments, context);

    protected override Task Call(IServiceProvider services, IReadOnlyList<TaskBatchItem<TArgs>> items, CancellationToken cancellationToken) =>
        services.GetRequiredService<THandler>().Run(items, cancellationToken);

    protected override void End(TaskBatchItem<TArgs> item) => item.Succeed();
}

/// <summary>Calls an <see cref="ITaskBatchHandler{TArgs, TResult}"/>.</summary>
internal sealed class BatchHandlerInvoker<THandler, TArgs, TResult>(JsonSerializerOptions json, int maxPayloadSize)
    : BatchInvoker<TArgs, TaskBatchItem<TArgs, TResult>>(hasResult: true, json, maxPayloadSize)
    where THandler : class, ITaskBatchHandler<TArgs, TResult>
    where TArgs : class
{
    protected override TaskBatchItem<TArgs, TResult> Describe(TArgs arguments, TaskContext context) => new(arguments, context);

    protected override Task Call(IServiceProvider services, IReadOnlyList<TaskBatchItem<TArgs, TResult>> items, CancellationToken cancellationToken) =>
        services.GetRequiredService<THandler>().Run(items, cancellationToken);

    protected override void End(TaskBatchItem<TArgs, TResult> item)
    {
        if (!item.Outcome.IsCompleted)
        {
            item.Fail(new InvalidOperationException(
                $"'{typeof(THandler).FullName}' returned without a result for run {item.Context.RunId}. Call {nameof(item.Succeed)} or {nameof(item.Fail)} on each item."));
        }
    }
}
