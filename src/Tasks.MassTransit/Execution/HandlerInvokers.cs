using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Pipeline;

namespace TasksBus.Execution;

/// <summary>What all invokers share: reading arguments and writing results.</summary>
internal abstract class TaskInvoker<TArgs>(bool hasResult, JsonSerializerOptions json, int maxPayloadSize) : ITaskInvoker
    where TArgs : class
{
    public virtual bool IsBatch => false;

    public object Read(Payload? arguments)
    {
        if (arguments is null)
            throw new JsonException($"The message has no arguments; {typeof(TArgs).FullName} was expected.");
        if (arguments.Length > maxPayloadSize)
            throw new JsonException(PayloadSize.TooLong("The arguments are", arguments.Length, maxPayloadSize));
        return arguments.As<TArgs>(json) ?? throw new JsonException($"The arguments are null; {typeof(TArgs).FullName} was expected.");
    }

    public Payload? Write(object? result)
    {
        if (!hasResult)
            return null;
        var payload = Payload.From(result, json);
        return payload.Length <= maxPayloadSize
            ? payload
            : throw new TaskResultException(PayloadSize.TooLong("The result is", payload.Length, maxPayloadSize));
    }

    public abstract Task<object?> Invoke(Attempt attempt);
}

/// <summary>Calls an <see cref="ITaskHandler{TArgs}"/>.</summary>
internal sealed class HandlerInvoker<THandler, TArgs>(JsonSerializerOptions json, int maxPayloadSize) : TaskInvoker<TArgs>(hasResult: false, json, maxPayloadSize)
    where THandler : class, ITaskHandler<TArgs>
    where TArgs : class
{
    public override async Task<object?> Invoke(Attempt attempt)
    {
        await attempt.Services!.GetRequiredService<THandler>().Run((TArgs)attempt.Arguments!, attempt.Context).ConfigureAwait(false);
        return null;
    }
}

/// <summary>Calls an <see cref="ITaskHandler{TArgs, TResult}"/>.</summary>
internal sealed class HandlerInvoker<THandler, TArgs, TResult>(JsonSerializerOptions json, int maxPayloadSize)
    : TaskInvoker<TArgs>(hasResult: true, json, maxPayloadSize)
    where THandler : class, ITaskHandler<TArgs, TResult>
    where TArgs : class
{
    public override async Task<object?> Invoke(Attempt attempt) =>
        await attempt.Services!.GetRequiredService<THandler>().Run((TArgs)attempt.Arguments!, attempt.Context).ConfigureAwait(false);
}

/// <summary>Calls a delegate.</summary>
internal sealed class DelegateInvoker<TArgs>(
    Func<IServiceProvider, object, TaskContext, Task<object?>> handler, bool hasResult, JsonSerializerOptions json, int maxPayloadSize)
    : TaskInvoker<TArgs>(hasResult, json, maxPayloadSize)
    where TArgs : class
{
    public override Task<object?> Invoke(Attempt attempt) => handler(attempt.Services!, attempt.Arguments!, attempt.Context);
}
