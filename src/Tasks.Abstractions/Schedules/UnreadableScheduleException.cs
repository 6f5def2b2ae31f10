namespace TasksBus;

/// <summary>
/// A schedule that is stored cannot be read: another version has written it, or somebody has changed it by hand. It is left as it is, and nothing comes of it. Other schedules
/// go on. <see cref="ITaskSchedules.Put"/> puts another one in its place, <see cref="ITaskSchedules.Remove"/> removes it.
/// </summary>
/// <param name="schedule">The schedule.</param>
/// <param name="innerException">What could not be read.</param>
public sealed class UnreadableScheduleException(UnreadableSchedule schedule, Exception? innerException = null)
    : Exception($"Schedule {Describe(schedule)} is stored, but cannot be read: {schedule.Reason} Put it anew, remove it, or run the version that has written it.", innerException)
{
    /// <summary>The schedule.</summary>
    public UnreadableSchedule Schedule { get; } = schedule;

    private static string Describe(UnreadableSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return schedule.Name is null ? $"{schedule.Id}" : $"'{schedule.Name}' ({schedule.Id})";
    }
}

/// <summary>A schedule that is stored, but cannot be read.</summary>
/// <param name="Id">The id of its document.</param>
/// <param name="Name">Its name, as far as that can be read.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record UnreadableSchedule(Guid Id, string? Name, string Reason);
