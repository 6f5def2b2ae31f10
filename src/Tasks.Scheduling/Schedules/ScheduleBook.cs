using TasksBus.Rules;

namespace TasksBus.Schedules;

/// <summary>
/// Puts and changes schedules of any <see cref="ScheduledAction"/>, each under a group and a name. A room that has an <see cref="IScheduleAction"/>
/// of its own schedules it here, under a group of its own. Safe to share between threads.
/// </summary>
internal sealed class ScheduleBook(IScheduleStore store, TimeProvider clock)
{
    /// <summary>Adds a schedule, or puts it in the place of the one of its group and name; its history stays, and its instants, unless its timing changes.</summary>
    /// <param name="group">The group.</param>
    /// <param name="name">1 to 200 characters.</param>
    /// <param name="timing">When.</param>
    /// <param name="action">What.</param>
    /// <param name="declaration">Marks what is declared in code or configuration: said again with the same mark, it does nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The timing cannot be, or no instant of it is to come.</exception>
    public async Task Put(string group, string name, ScheduleTiming timing, ScheduledAction action, DeclarationMark? declaration = null, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200)
            throw new ArgumentException($"The name of a schedule is '{name}'. Give 1 to 200 characters.", nameof(name));
        var now = Now();
        var isOver = TimetableOf(name, timing, now).Next(now) is null;
        if (isOver && declaration is null)
            throw ScheduleIsOverException.Of(name, timing, now);

        var put = new ScheduleSaga
        {
            Group = group,
            Name = name,
            Timing = timing.Timing(),
            Action = action,
            Declaration = declaration?.Value,
            DefinedAt = now,
            ChangedAt = now,
            Through = now,
        };
        var id = ScheduleIds.Of(group, name);

        // What is declared leaves what cannot be read to those who can; who puts it by hand knows better.
        if (declaration is null)
            await store.RemoveUnreadable(id, cancellationToken).ConfigureAwait(false);
        await store.Change(id, stored => stored switch
        {
            { Declaration: { } known } when known == declaration?.Value => stored,
            { Declaration: { } known } when known == declaration?.Former => stored.Said(now) with { Declaration = declaration.Value },
            _ when isOver => throw ScheduleIsOverException.Of(name, timing, now),
            null => put.Said(now),
            _ => Put(stored, put),
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A schedule; null if there is none.</summary>
    public async Task<ScheduleSaga?> Find(string group, string name, CancellationToken cancellationToken = default) =>
        await store.Load(ScheduleIds.Of(group, name), cancellationToken).ConfigureAwait(false) is { IsRemoved: false } schedule ? schedule : null;

    /// <summary>All schedules of a group, by name.</summary>
    public async Task<IReadOnlyList<ScheduleSaga>> List(string group, CancellationToken cancellationToken = default) =>
        [.. (await store.List(cancellationToken).ConfigureAwait(false)).Schedules.Where(schedule => schedule.Group == group).OrderBy(schedule => schedule.Name, StringComparer.Ordinal)];

    /// <summary>All schedules that cannot be read, of any group.</summary>
    public async Task<IReadOnlyList<UnreadableSchedule>> ListUnreadable(CancellationToken cancellationToken = default) =>
        (await store.List(cancellationToken).ConfigureAwait(false)).Unreadable;

    /// <summary>Removes a schedule that cannot be read.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveUnreadable(Guid id, CancellationToken cancellationToken = default) =>
        await store.RemoveUnreadable(id, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes a schedule.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> Remove(string group, string name, CancellationToken cancellationToken = default)
    {
        var id = ScheduleIds.Of(group, name);
        if (await store.RemoveUnreadable(id, cancellationToken).ConfigureAwait(false))
            return true;

        var wasThere = false;
        await store.Change(id, stored =>
        {
            wasThere = stored is { IsRemoved: false };
            return wasThere ? stored!.Said(clock.GetUtcNow()) with { IsRemoved = true, Waiting = null } : stored;
        }, cancellationToken).ConfigureAwait(false);
        return wasThere;
    }

    /// <summary>Lets a schedule do nothing until it is resumed.</summary>
    /// <returns>Whether there is one.</returns>
    public Task<bool> Pause(string group, string name, CancellationToken cancellationToken = default) =>
        Say(group, name, schedule => schedule.IsPaused ? schedule : schedule.Said(clock.GetUtcNow()) with { IsPaused = true }, cancellationToken);

    /// <summary>Lets a paused schedule go on with its next instant.</summary>
    /// <returns>Whether there is one.</returns>
    public Task<bool> Resume(string group, string name, CancellationToken cancellationToken = default) =>
        Say(group, name, schedule => schedule.IsPaused ? schedule.Said(clock.GetUtcNow()) with { IsPaused = false, Through = Now() } : schedule, cancellationToken);

    /// <summary>Changes a schedule that is there.</summary>
    /// <returns>Whether there is one.</returns>
    public async Task<bool> Say(string group, string name, Func<ScheduleSaga, ScheduleSaga> change, CancellationToken cancellationToken) =>
        await store.Change(ScheduleIds.Of(group, name), stored => stored is { IsRemoved: false } ? change(stored) : stored, cancellationToken).ConfigureAwait(false) is { IsRemoved: false };

    /// <exception cref="ArgumentException">The timing cannot be.</exception>
    public static Timetable TimetableOf(string name, ScheduleTiming timing, DateTimeOffset from)
    {
        try
        {
            return new Timetable(timing, from);
        }
        catch (FormatException fault)
        {
            throw new ArgumentException($"Schedule '{name}': {fault.Message}", nameof(timing), fault);
        }
    }

    private static ScheduleSaga Put(ScheduleSaga stored, ScheduleSaga put)
    {
        var goesOn = !stored.IsRemoved && (stored.Timing == put.Timing || ToCome(stored.Timing, put.ChangedAt) == put.Timing);
        return (stored with
        {
            Timing = put.Timing,
            Action = put.Action,
            Declaration = put.Declaration ?? stored.Declaration,
            DefinedAt = goesOn ? stored.DefinedAt : put.DefinedAt,
            Through = goesOn ? stored.Through : put.Through,
            IsPaused = stored is { IsPaused: true, IsRemoved: false },
            IsRemoved = false,
        }).Said(put.ChangedAt);
    }

    /// <summary>The timing without what is over: cron expressions do not count from their start.</summary>
    private static ScheduleTiming ToCome(ScheduleTiming timing, DateTimeOffset now) => timing is { Rule: CronRule } && timing.StartAt <= now ? timing with { StartAt = null } : timing;

    /// <summary>Now, to the millisecond: what Quartz and stores keep.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>A schedule has no instant to come.</summary>
/// <param name="message">Why, by its field.</param>
/// <param name="hadItsTime">Whether it is right, but over.</param>
internal sealed class ScheduleIsOverException(string message, bool hadItsTime) : ArgumentException(message)
{
    /// <summary>Whether it is right, but over.</summary>
    public bool HadItsTime { get; } = hadItsTime;

    /// <summary>Says why.</summary>
    public static ScheduleIsOverException Of(string name, ScheduleTiming timing, DateTimeOffset now)
    {
        var nothing = NothingToCome.Of(timing, now);
        return new ScheduleIsOverException($"Schedule '{name}' has no instant after now ({now:O}): {nothing.Reason}", nothing.HadItsTime);
    }
}
