using TasksBus.Pipeline;

namespace TasksBus.Testing;

/// <summary>Tells the clock whose timers are made during an attempt.</summary>
internal sealed class WatchTimers(TestClock clock) : IAttemptStep
{
    public async ValueTask<Outcome> Run(Attempt attempt, AttemptStep next)
    {
        clock.Enter(attempt.Context.RunId);
        return await next(attempt).ConfigureAwait(false);
    }
}
