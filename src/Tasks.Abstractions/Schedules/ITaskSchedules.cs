namespace TasksBus;

/// <summary>
/// Changes and shows schedules while they run. What it says is remembered, and counts for all scheduler nodes at once. Every call that asks the store throws
/// <see cref="StoreUnavailableException"/> while that does not answer, and <see cref="UnreadableScheduleException"/> if it is about one that cannot be read. Safe to share between threads.
/// </summary>
public interface ITaskSchedules
{
    /// <summary>
    /// Adds a schedule, or puts it in the place of the one of its name. If only the task, its arguments or its options change, its instants go on as before;
    /// if its timing changes, they count from now on. A paused schedule stays paused.
    /// </summary>
    /// <exception cref="ArgumentException">The schedule cannot be, or no instant of it is to come; the message names the field and says what it may hold.</exception>
    Task Put(TaskSchedule schedule, CancellationToken cancellationToken = default);

    /// <summary>A schedule; null if there is none of this name.</summary>
    Task<ScheduleSnapshot?> Get(string name, CancellationToken cancellationToken = default);

    /// <summary>All schedules that can be read, by name.</summary>
    Task<IReadOnlyList<ScheduleSnapshot>> List(CancellationToken cancellationToken = default);

    /// <summary>The schedules that cannot be read, because another version has written them or somebody has changed them by hand. Nothing comes of them.</summary>
    Task<IReadOnlyList<UnreadableSchedule>> ListUnreadable(CancellationToken cancellationToken = default);

    /// <summary>Removes a schedule that cannot be read, for good; one that is declared in code or configuration comes back at the next start.</summary>
    /// <param name="id">Its <see cref="UnreadableSchedule.Id"/>. One that can be read is left alone.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveUnreadable(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Removes a schedule. Runs that were submitted go on. One that is declared in code or configuration stays removed until its declaration changes.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> Remove(string name, CancellationToken cancellationToken = default);

    /// <summary>Lets a schedule do nothing until it is resumed.</summary>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    Task Pause(string name, CancellationToken cancellationToken = default);

    /// <summary>Lets a paused schedule go on with its next instant. What would have come meanwhile does not count as missed.</summary>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    Task Resume(string name, CancellationToken cancellationToken = default);

    /// <summary>Submits a run of a schedule now, besides its instants, whether it is paused and whatever <see cref="ScheduleTiming.Overlap"/> says.</summary>
    /// <returns>The run.</returns>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    /// <exception cref="InvalidOperationException">The schedule starts a workflow.</exception>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    Task<TaskHandle> RunNow(string name, CancellationToken cancellationToken = default);

    /// <summary>Starts the workflow of a schedule now, besides its instants, whether it is paused and whatever <see cref="ScheduleTiming.Overlap"/> says.</summary>
    /// <returns>The workflow.</returns>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    /// <exception cref="InvalidOperationException">The schedule runs a task.</exception>
    /// <exception cref="SubmitException">The broker or the store did not confirm in time.</exception>
    Task<WorkflowHandle> RunWorkflowNow(string name, CancellationToken cancellationToken = default);

    /// <summary>The next instants of a schedule, without jitter, also of a paused one; fewer than asked for if it ends.</summary>
    /// <param name="name">The schedule.</param>
    /// <param name="count">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    Task<IReadOnlyList<DateTimeOffset>> Next(string name, int count, CancellationToken cancellationToken = default);

    /// <summary>The next instants that a schedule would have, without putting it.</summary>
    /// <param name="timing">When it would run.</param>
    /// <param name="count">1 to 1,000.</param>
    /// <exception cref="ArgumentException">The timing cannot be; the message names the field and says what it may hold.</exception>
    IReadOnlyList<DateTimeOffset> Preview(ScheduleTiming timing, int count);

    /// <summary>The run of the latest occurrence that was submitted; null if there is none yet, or its record has expired.</summary>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    /// <exception cref="InvalidOperationException">The schedule starts a workflow.</exception>
    Task<TaskSnapshot?> LastRun(string name, CancellationToken cancellationToken = default);

    /// <summary>The workflow of the latest occurrence that was submitted; null if there is none yet, or it is not kept any more.</summary>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    /// <exception cref="InvalidOperationException">The schedule runs a task.</exception>
    Task<WorkflowSnapshot?> LastWorkflow(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// How the latest run or workflow of a schedule that has ended did; null if none has. It stays known when the record of the run has expired: it is kept with the schedule
    /// from about a minute after the run, if no other has come by then, and from about a minute after its end.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no schedule of this name.</exception>
    Task<ScheduleOutcome?> LastOutcome(string name, CancellationToken cancellationToken = default);
}
