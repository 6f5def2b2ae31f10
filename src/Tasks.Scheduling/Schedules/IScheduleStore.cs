namespace TasksBus.Schedules;

/// <summary>Remembers schedules, and lets those who act on them hear of changes. Safe to share between threads.</summary>
internal interface IScheduleStore
{
    /// <summary>A schedule, also a removed one that is still remembered; null if nothing is known of it.</summary>
    /// <exception cref="UnreadableScheduleException">It cannot be read.</exception>
    ValueTask<ScheduleSaga?> Load(Guid id, CancellationToken cancellationToken);

    /// <summary>All schedules that are not removed.</summary>
    ValueTask<ScheduleList> List(CancellationToken cancellationToken);

    /// <summary>Changes a schedule: again, from what is stored then, if somebody else was quicker.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="change">Gets what is stored, null if nothing is, and gives what is to be stored; null or the same: nothing is to change.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What is stored now.</returns>
    /// <exception cref="UnreadableScheduleException">It cannot be read, and is left as it is.</exception>
    ValueTask<ScheduleSaga?> Change(Guid id, Func<ScheduleSaga?, ScheduleSaga?> change, CancellationToken cancellationToken);

    /// <summary>Removes a schedule that cannot be read, for good.</summary>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveUnreadable(Guid id, CancellationToken cancellationToken);
}
