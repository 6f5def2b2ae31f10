using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Tracking;

namespace TasksBus.Limits;

/// <summary>Sends runs that have got a permit to their queues. What goes wrong here is made up for by the limiter, which reminds of runs that do not come. Safe to share between threads.</summary>
internal sealed class GrantedRuns(Foundation foundation, RunTracker tracker, RunSender sender, TimeProvider clock, ILogger<GrantedRuns> log) : IDisposable
{
    /// <summary>Wakes whoever gives out what becomes free by itself.</summary>
    public AlarmClock Alarm { get; } = new(clock);

    /// <summary>Sends them, in the background.</summary>
    public void Send(LimitGrants grants)
    {
        if (grants.NextIn is { } next)
            Alarm.WakeBefore(clock.GetUtcNow() + next);
        foreach (var run in grants.Runs)
            _ = Send(run, isReminder: false);
        foreach (var run in grants.Reminders)
            _ = Send(run, isReminder: true);
    }

    public void Dispose() => Alarm.Dispose();

    private async Task Send(Guid runId, bool isReminder)
    {
        try
        {
            var run = (await tracker.Documents.Load(runId).ConfigureAwait(false))?.Saga;
            if (run is null ? isReminder : run.FinishedAt is not null)
                Send(await foundation.Limiter.Release(runId, permit: null).ConfigureAwait(false));
            else if (run is not null)
                await sender.Send(RunMessage.From(run), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.NotSent(exception, runId);
        }
    }
}
