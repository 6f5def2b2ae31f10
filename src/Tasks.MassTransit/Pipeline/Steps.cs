using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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

/// <summary>Ends what takes too long: asks the handler to end at its limit, and stops waiting for it at the hard one.</summary>
internal sealed class LimitTime(TimeProvider clock) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        if (attempt is { TimeLimit: null, HardTimeLimit: null })
            return await next(attempt).ConfigureAwait(false);

        // With both limits, the handler has all the time between them to end.
        var soft = attempt.TimeLimit is { } limit
            ? clock.CreateTimer(_ => attempt.Stop(StopReason.TimedOut, attempt.HardTimeLimit - limit), state: null, limit, Timeout.InfiniteTimeSpan)
            : null;
        var hard = attempt.HardTimeLimit is { } end ? clock.CreateTimer(_ => Leave(attempt), state: null, end, Timeout.InfiniteTimeSpan) : null;
        try
        {
            return await next(attempt).ConfigureAwait(false);
        }
        finally
        {
            soft?.Dispose();
            hard?.Dispose();
        }
    }

    private static void Leave(Attempt attempt)
    {
        attempt.Stop(StopReason.TimedOut, TimeSpan.Zero);
        attempt.Abandon();
    }
}

/// <summary>Gives the attempt a dependency-injection scope of its own.</summary>
internal sealed class OpenServiceScope(IServiceScopeFactory scopes) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            attempt.Services = scope.ServiceProvider;
            return await next(attempt).ConfigureAwait(false);
        }
    }
}

/// <summary>Calls the user's code, and leaves it behind if it does not end when it must.</summary>
internal sealed class CallHandler : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        // On a thread of its own until its first await: a handler that never awaits can be left behind, too.
        var handler = Task.Run(() => attempt.Invoker.Invoke(attempt.Services!, attempt.Arguments!, attempt.Context), CancellationToken.None);
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
