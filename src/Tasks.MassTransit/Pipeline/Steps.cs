using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;

namespace TasksBus.Pipeline;

/// <summary>Adds the run's id, task and attempt to everything that is logged meanwhile.</summary>
internal sealed class OpenLogScope(ILogger log) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        using var scope = log.BeginScope(new AttemptLogScope(attempt.Context.RunId, attempt.Context.TaskName, attempt.Context.Attempt));
        return await next(attempt).ConfigureAwait(false);
    }
}

/// <summary>Turns what the handler throws into an outcome.</summary>
internal sealed class DecideOutcome : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        try
        {
            return await next(attempt).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return Outcome.Of(WhatHappened(exception, attempt), attempt.Context.Attempt, attempt.Options.Retry, attempt.StopReason, Random.Shared.NextDouble());
        }
    }

    /// <remarks>What a handler throws once it was told that its time is over is the end of its time, unless it says itself how to go on.</remarks>
    private static Exception WhatHappened(Exception exception, Attempt attempt) =>
        attempt.StopReason == StopReason.TimedOut && exception is not (RetryTaskException or RejectTaskException)
            ? new TaskTimeLimitException(
                $"Attempt {attempt.Context.Attempt} of task '{attempt.Context.TaskName}' took longer than {attempt.TimeLimit ?? attempt.HardTimeLimit}. " +
                $"Give it a longer {nameof(TaskOptions.TimeLimit)}, or less to do.")
            : exception;
}

/// <summary>Reads the arguments; what cannot be read will not be readable at the next attempt either.</summary>
internal sealed class ReadArguments : IAttemptStep
{
    public ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        try
        {
            attempt.Arguments = attempt.Invoker.Read(attempt.Payload);
        }
        catch (Exception exception)
        {
            return ValueTask.FromResult<Outcome>(new Outcome.Failed(FailureKind.BadPayload, TaskError.From(exception)));
        }

        return next(attempt);
    }
}

/// <summary>Waits for the instant of an attempt that was claimed a moment before it.</summary>
internal sealed class AwaitInstant(TimeProvider clock) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        if (attempt.StartsAt is { } instant)
            await clock.WaitUntil(instant, attempt.Cancelled).ConfigureAwait(false);
        return await next(attempt).ConfigureAwait(false);
    }
}

/// <summary>Waits for the place where the handler may run. Before any limit: that others keep it waiting is not the handler's fault.</summary>
internal sealed class TakeTurn(HandlerTurns turns) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        var execution = attempt.Invoker.IsBatch ? HandlerExecution.Async : attempt.Options.Execution;
        using var turn = await turns.Take(execution, attempt.Cancelled).ConfigureAwait(false);
        if (!attempt.Invoker.IsBatch && !attempt.TryBegin())
            throw new OperationCanceledException(attempt.Cancelled);
        attempt.Turn = turn;
        return await next(attempt).ConfigureAwait(false);
    }
}

/// <summary>Ends what takes too long: asks the handler to end at its limit, and stops waiting for it at the hard one.</summary>
internal sealed class LimitTime(TimeProvider clock) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        if (attempt is { TimeLimit: null, HardTimeLimit: null })
            return await next(attempt).ConfigureAwait(false);

        using var timers = new AttemptTimers(attempt, clock);
        attempt.Timers = timers;
        if (!attempt.Invoker.IsBatch)
            timers.Start();
        return await next(attempt).ConfigureAwait(false);
    }
}

/// <summary>Gives the attempt a dependency-injection scope of its own.</summary>
internal sealed class OpenServiceScope(IServiceScopeFactory scopes, ILogger log) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        var scope = new HandlerScope(scopes, log);
        try
        {
            attempt.Services = scope.Services;
            return await next(attempt).ConfigureAwait(false);
        }
        finally
        {
            await scope.End(attempt.Handler).ConfigureAwait(false);
        }
    }
}

/// <summary>Calls the user's code, its filters around it, and leaves it behind if it does not end when it must.</summary>
internal sealed class CallHandler : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        var handler = attempt.Turn.Start(() => attempt.Invoker.Invoke(attempt));
        attempt.Handler = handler;
        var result = await handler.WaitAsync(attempt.Abandoned).ConfigureAwait(false);
        try
        {
            return new Outcome.Succeeded(attempt.Invoker.Write(result));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or TaskResultException)
        {
            // The work is done: to do it again would not make its result fit to be written.
            var failure = new TaskResultException($"The result of task '{attempt.Context.TaskName}' cannot be stored: {exception.Message}", exception);
            return new Outcome.Failed(FailureKind.HandlerError, TaskError.From(failure));
        }
    }
}
