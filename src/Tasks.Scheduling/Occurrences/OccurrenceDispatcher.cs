using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>
/// Does what is due of a schedule, and sets its next alarm. Whoever calls makes sure that it does so once at a time for each schedule. What two nodes do
/// twice is one all the same: the ids are the same.
/// </summary>
internal sealed class OccurrenceDispatcher(IScheduleStore store, IEnumerable<IScheduleAction> actions, IAlarms alarms, TimeSpan ahead, TimeProvider clock, ILogger<OccurrenceDispatcher> log)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>The schedules whose latest occurrence somebody here waits for.</summary>
    private readonly ConcurrentDictionary<Guid, bool> _awaited = new();

    private readonly Dictionary<string, IScheduleAction> _actions = actions.ToDictionary(action => action.Kind, StringComparer.Ordinal);

    /// <summary>Does what is due; tries again soon if it could not, or lets another node if this one stops.</summary>
    public async Task Dispatch(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await DispatchDue(id, cancellationToken).ConfigureAwait(false);
        }
        catch (UnreadableScheduleException exception)
        {
            // Whoever puts it anew has its alarm set.
            log.NotRead(exception, id);
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
                log.NotDispatched(exception, id, AfterFailure);
            await alarms.Set(id, clock.GetUtcNow() + AfterFailure, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task DispatchDue(Guid id, CancellationToken cancellationToken)
    {
        var schedule = await Load(id, cancellationToken).ConfigureAwait(false);
        for (var hasMore = true; hasMore && schedule is { IsActive: true };)
        {
            var due = DueInstants.Judge(schedule, clock.GetUtcNow() + ahead);
            hasMore = due.HasMore;
            var done = new Done(schedule, due);
            await DoAll(done, cancellationToken).ConfigureAwait(false);
            schedule = await store.Change(id, done.ApplyTo, cancellationToken).ConfigureAwait(false);
        }

        if (schedule is { IsRemoved: false, LatestId: { } latest, OutcomeDueAt: { } lookAt } && lookAt <= clock.GetUtcNow())
            schedule = await KeepOutcome(schedule, latest, cancellationToken).ConfigureAwait(false);
        if (schedule is { IsActive: true, Waiting: not null, LatestId: not null } && _awaited.TryAdd(id, true))
            _ = WakeAfterEnd(schedule, cancellationToken);
        if (schedule?.NextAlarm is { } next)
            await alarms.Set(id, next, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A schedule, put back to now if a clock that was ahead has taken it there: nothing would come until then.</summary>
    private async Task<ScheduleSaga?> Load(Guid id, CancellationToken cancellationToken)
    {
        var (schedule, now) = (await store.Load(id, cancellationToken).ConfigureAwait(false), clock.GetUtcNow());
        return schedule?.IsAheadOf(now) == true
            ? await store.Change(id, stored => stored?.IsAheadOf(now) == true ? stored.PutBackTo(now) : stored, cancellationToken).ConfigureAwait(false)
            : schedule;
    }

    /// <summary>Keeps how the latest one has ended with the schedule, before its own record expires; if it has not ended, looks again later.</summary>
    private async Task<ScheduleSaga?> KeepOutcome(ScheduleSaga schedule, Guid latest, CancellationToken cancellationToken)
    {
        var action = _actions[schedule.Action.Kind];
        var isOver = await action.IsOver(latest, cancellationToken).ConfigureAwait(false);
        var outcome = isOver ? await action.OutcomeOf(latest, cancellationToken).ConfigureAwait(false) : null;
        DateTimeOffset? again = isOver ? null : clock.GetUtcNow() + ScheduleSaga.BeforeLooks;
        return await store.Change(schedule.CorrelationId, stored => stored?.LatestId == latest ? stored.Looked(outcome, again) : stored, cancellationToken).ConfigureAwait(false);
    }

    private async Task DoAll(Done done, CancellationToken cancellationToken)
    {
        var action = _actions.GetValueOrDefault(done.Schedule.Action.Kind)
            ?? throw new InvalidOperationException($"Schedule '{done.Schedule.Name}' is of kind '{done.Schedule.Action.Kind}', which this node cannot do. Register it on every scheduler node.");
        if (done.Waiting is not null)
            await IsFree(action, done, cancellationToken).ConfigureAwait(false);
        done.AddMissed(clock.GetUtcNow());
        foreach (var at in done.Due.Run.Where(at => !done.Schedule.HasSubmitted(at)))
            await DoOrLeave(action, done, at, cancellationToken).ConfigureAwait(false);
    }

    private async Task DoOrLeave(IScheduleAction action, Done done, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var overlap = done.Schedule.Timing.Overlap;
        if (overlap != OverlapRule.Allow && !await IsFree(action, done, cancellationToken).ConfigureAwait(false))
        {
            switch (overlap)
            {
                case OverlapRule.RevokePrevious:
                    foreach (var before in done.MayGoOn.ToList())
                    {
                        await action.Revoke(before, $"The next occurrence of schedule '{done.Schedule.Name}' has come.", cancellationToken).ConfigureAwait(false);
                        done.Ended(before);
                    }

                    break;
                case OverlapRule.QueueOne when done.Waiting is null:
                    done.Waiting = at;
                    done.Add(at, OccurrenceResult.Waiting, clock.GetUtcNow(), $"The run before, {done.MayGoOn[0]}, has not ended.");
                    return;
                default:
                    done.Add(at, OccurrenceResult.Skipped, clock.GetUtcNow(), $"The run before, {done.MayGoOn[0]}, has not ended{(done.Waiting is null ? "" : ", and another occurrence waits")}.");
                    return;
            }
        }

        await Do(action, done, at, cancellationToken).ConfigureAwait(false);
    }

    private async Task Do(IScheduleAction action, Done done, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var schedule = done.Schedule;
        var dueAt = schedule.Timetable.ComesAt(schedule.CorrelationId, at);
        var occurrence = new Occurrence(ScheduleIds.OfOccurrence(schedule.Group, schedule.Name, at), schedule.Group, schedule.Name, at, dueAt);
        try
        {
            if (!action.WaitsForInstant)
                await clock.WaitUntil(dueAt, cancellationToken).ConfigureAwait(false);
            await action.Do(schedule.Action.Content, occurrence, cancellationToken).ConfigureAwait(false);
            done.AddSubmitted(at, occurrence.Id, clock.GetUtcNow());
        }
        catch (Exception exception) when (exception is not (SubmitException or StoreUnavailableException or TimeoutException or OperationCanceledException))
        {
            log.OccurrenceFailed(exception, schedule.Name, at);
            done.Add(at, OccurrenceResult.Failed, clock.GetUtcNow(), exception.Message);
        }
    }

    /// <summary>Whether all that was done before has ended. One that waits for that goes first: it is then what was done before.</summary>
    private async Task<bool> IsFree(IScheduleAction action, Done done, CancellationToken cancellationToken)
    {
        foreach (var before in done.MayGoOn.ToList())
        {
            if (await action.IsOver(before, cancellationToken).ConfigureAwait(false))
                done.Ended(before);
        }

        if (done.MayGoOn.Count > 0 || done.Waiting is not { } waiting)
            return done.MayGoOn.Count == 0;
        done.Waiting = null;
        await Do(action, done, waiting, cancellationToken).ConfigureAwait(false);
        return await IsFree(action, done, cancellationToken).ConfigureAwait(false);
    }

    private async Task WakeAfterEnd(ScheduleSaga schedule, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var before in schedule.MayGoOn)
                await _actions[schedule.Action.Kind].WaitForEnd(before, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // This node stops; the next one waits.
        }
        catch (Exception exception)
        {
            log.NotAwaited(exception, schedule.Name, schedule.LatestId!.Value);
        }

        _awaited.TryRemove(schedule.CorrelationId, out _);
        if (!cancellationToken.IsCancellationRequested)
            await alarms.Set(schedule.CorrelationId, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
    }
}
