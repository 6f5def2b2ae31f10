using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Tracking;

namespace TasksBus.Limits;

/// <summary>Sends runs that have got a permit to their queues. What goes wrong here is made up for by the limiter, which reminds of runs that do not come. Safe to share between threads.</summary>
internal sealed class GrantedRuns(Foundation foundation, RunTracker tracker, RunSender sender, TimeProvider clock, ILogger<GrantedRuns> log) : IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRecording = TimeSpan.FromSeconds(2.5);

    /// <summary>Wakes whoever gives out what becomes free by itself.</summary>
    public AlarmClock Alarm { get; } = new(clock);

    /// <summary>Sends them, and sees to it that whatever becomes free next is given out in time.</summary>
    /// <returns>Ends when the broker has them, or the limiter is left to remind of them.</returns>
    public Task Send(LimitGrants grants)
    {
        if (grants.NextIn is { } next)
            Alarm.WakeBefore(clock.GetUtcNow() + next);
        return Send(grants.Runs, areReminders: false);
    }

    /// <summary>Sends those that have got a permit by themselves, and once more those that have not come for theirs.</summary>
    /// <returns>Ends when the broker has them, or the limiter is left to remind of them.</returns>
    public Task Send(DueGrants due) => Task.WhenAll(Send(due.Grants.Runs, areReminders: false), Send(due.Reminders, areReminders: true));

    /// <summary>Lets the limiter know, in the background, that a run does not wait any longer.</summary>
    public void Leave(Guid runId) => _ = Attend(runId, async () => await Send(await foundation.Limiter.Leave(runId).ConfigureAwait(false)).ConfigureAwait(false));

    public void Dispose() => Alarm.Dispose();

    private Task Send(IReadOnlyList<Guid> runs, bool areReminders) =>
        runs.Count == 0 ? Task.CompletedTask : Task.WhenAll(runs.Select(run => Send(run, areReminders)));

    private Task Send(Guid runId, bool isReminder) => Attend(runId, async () =>
    {
        var run = await Find(runId, isReminder ? TimeSpan.Zero : LongestRecording).ConfigureAwait(false);
        if (run is null ? isReminder : run.FinishedAt is not null)
            await Send(await foundation.Limiter.Leave(runId).ConfigureAwait(false)).ConfigureAwait(false);
        else if (run is not null)
            await sender.Send(RunMessage.From(run) with { IsGranted = true }, CancellationToken.None).ConfigureAwait(false);
    });

    /// <remarks>A run may get its permit before the worker that has put it into the line, or whoever has submitted it, has recorded it.</remarks>
    private async Task<TaskSaga?> Find(Guid runId, TimeSpan patience)
    {
        for (var wait = ShortestWait; ; patience -= wait, wait *= 2)
        {
            if (await tracker.Documents.Load(runId).ConfigureAwait(false) is { } run)
                return run.Saga;
            if (patience <= TimeSpan.Zero)
                return null;
            await Task.Delay(wait, TimeProvider.System).ConfigureAwait(false);
        }
    }

    private async Task Attend(Guid runId, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.NotSent(exception, runId);
        }
    }
}
