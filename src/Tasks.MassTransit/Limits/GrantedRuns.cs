using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Tracking;

namespace TasksBus.Limits;

/// <summary>
/// Sends runs that have got a permit to their queues, again and again while the broker is away. What else goes wrong here is made up for by the limiter, which reminds of
/// runs that do not come. Safe to share between threads.
/// </summary>
internal sealed class GrantedRuns(Foundation foundation, RunTracker tracker, RunSender sender, TimeProvider clock, ILogger<GrantedRuns> log) : IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRecording = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>The runs that the broker has not taken yet.</summary>
    private readonly ConcurrentDictionary<Guid, bool> _unsent = new();
    private volatile bool _isGivenUp;

    /// <summary>Wakes whoever gives out what becomes free by itself.</summary>
    public AlarmClock Alarm { get; } = new(clock);

    /// <summary>Sends them, and sees to it that whatever becomes free next is given out in time.</summary>
    /// <returns>Ends when the broker has them, or they are tried again in the background.</returns>
    public Task Send(LimitGrants grants)
    {
        if (grants.NextIn is { } next)
            Alarm.WakeBefore(clock.GetUtcNow() + next);
        return Send(grants.Runs, areReminders: false);
    }

    /// <summary>Sends those that have got a permit by themselves, and once more those that have not come for theirs.</summary>
    /// <returns>Ends when the broker has them, or they are tried again in the background.</returns>
    public Task Send(DueGrants due) => Task.WhenAll(Send(due.Grants.Runs, areReminders: false), Send(due.Reminders, areReminders: true));

    /// <summary>Lets the limiter know, in the background, that a run does not wait any longer.</summary>
    public void Leave(Guid runId) => _ = Attend(runId, async () => await Send(await foundation.Limiter.Leave(runId).ConfigureAwait(false)).ConfigureAwait(false));

    /// <summary>Leaves to others what the broker has not taken yet: this worker stops.</summary>
    public void GiveUp() => _isGivenUp = true;

    public void Dispose()
    {
        GiveUp();
        Alarm.Dispose();
    }

    private Task Send(IReadOnlyList<Guid> runs, bool areReminders) =>
        runs.Count == 0 ? Task.CompletedTask : Task.WhenAll(runs.Select(run => Send(run, areReminders)));

    private Task Send(Guid runId, bool isReminder) => isReminder && _unsent.ContainsKey(runId) ? Task.CompletedTask : Attend(runId, async () =>
    {
        try
        {
            await TrySend(runId, isReminder).ConfigureAwait(false);
        }
        catch (SubmitException exception)
        {
            log.NotSent(exception, runId);
            if (_unsent.TryAdd(runId, true))
                _ = Attend(runId, () => SendAgain(runId));
        }
    });

    /// <remarks>Not left to the limiter: it reminds less and less often, for the sake of queues that are paused, and would come to a broker that is back after minutes only.</remarks>
    private async Task SendAgain(Guid runId)
    {
        try
        {
            do
                await Task.Delay(BetweenTries, TimeProvider.System).ConfigureAwait(false);
            while (!_isGivenUp && !await IsSent(runId).ConfigureAwait(false));
        }
        finally
        {
            _unsent.TryRemove(runId, out _);
        }
    }

    private async Task<bool> IsSent(Guid runId)
    {
        try
        {
            await TrySend(runId, isReminder: true).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is SubmitException or StoreUnavailableException)
        {
            return false;
        }
    }

    private async Task TrySend(Guid runId, bool isReminder)
    {
        var run = await Find(runId, isReminder ? TimeSpan.Zero : LongestRecording).ConfigureAwait(false);
        if (run is null ? isReminder : run.FinishedAt is not null)
            await Send(await foundation.Limiter.Leave(runId).ConfigureAwait(false)).ConfigureAwait(false);
        else if (run is not null)
            await sender.Send(RunMessage.From(run) with { IsGranted = true }, CancellationToken.None).ConfigureAwait(false);
    }

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
            log.NotAttended(exception, runId);
        }
    }
}
