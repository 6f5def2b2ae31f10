using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TasksBus.Pipeline;

/// <summary>The corridor that every attempt walks, whatever brought it: from a claimed run to its outcome. Knows no bus and no store.</summary>
internal sealed class AttemptPipeline
{
    private readonly AttemptStep _first;

    /// <summary>Lines the steps up.</summary>
    /// <param name="scopes">For the attempt's services.</param>
    /// <param name="loggers">For the attempt's log.</param>
    /// <param name="turns">For the handler's place.</param>
    /// <param name="clock">For instants and time limits.</param>
    /// <param name="around">Steps around all others; the test harness has one, nothing else.</param>
    public AttemptPipeline(IServiceScopeFactory scopes, ILoggerFactory loggers, HandlerTurns turns, TimeProvider clock, IEnumerable<IAttemptStep> around)
    {
        var log = loggers.CreateLogger("TasksBus.Attempt");
        IAttemptStep[] steps =
        [
            .. around,
            new OpenLogScope(log),
            new DecideOutcome(),
            new ReadArguments(),
            new AwaitInstant(clock),
            new TakeTurn(turns),
            new LimitTime(clock),
            new OpenServiceScope(scopes, log),
            new CallHandler(),
        ];
        AttemptStep next = _ => throw new InvalidOperationException("The last step of the pipeline ends it.");
        foreach (var step in steps.Reverse())
        {
            var following = next;
            next = attempt => step.Run(attempt, following);
        }

        _first = next;
    }

    /// <summary>Runs an attempt. Never throws for what the handler does.</summary>
    public ValueTask<Outcome> Run(Attempt attempt) => _first(attempt);
}

/// <summary>A step of the <see cref="AttemptPipeline"/>: does its part, and calls the next.</summary>
internal interface IAttemptStep
{
    ValueTask<Outcome> Run(Attempt attempt, AttemptStep next);
}

/// <summary>What comes after a step.</summary>
internal delegate ValueTask<Outcome> AttemptStep(Attempt attempt);
