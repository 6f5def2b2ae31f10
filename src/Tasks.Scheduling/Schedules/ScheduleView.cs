using System.Text.Json;

namespace TasksBus.Schedules;

/// <summary>Shows what is remembered of a schedule to those who ask.</summary>
internal static class ScheduleView
{
    /// <summary>A schedule of a task or a workflow, as it is now.</summary>
    public static ScheduleSnapshot Show(ScheduleSaga schedule) => new()
    {
        Schedule = Timed(Named(schedule), schedule.Timing),
        IsPaused = schedule.IsPaused,
        NextAt = schedule.IsPaused ? null : schedule.Timetable.Next(schedule.Through),
        WaitingSince = schedule.Waiting,
        History = schedule.History,
    };

    private static TaskSchedule Named(ScheduleSaga schedule)
    {
        var (content, rule) = (schedule.Action.Content, schedule.Timing.Rule);
        return schedule.Action.Kind switch
        {
            ScheduledRun.Kind => Known(content.As<ScheduledRun>()).ToSchedule(schedule.Name, rule),
            ScheduledWorkflow.Kind => Known(content.As<ScheduledWorkflow>()).ToSchedule(schedule.Name, rule),
            var kind => throw new JsonException($"What it does is of kind '{kind}', which this version does not know."),
        };

        static T Known<T>(T? action) => action ?? throw new JsonException("It does not say what to do.");
    }

    private static TaskSchedule Timed(TaskSchedule schedule, ScheduleTiming timing) => schedule with
    {
        TimeZone = timing.TimeZone,
        StartAt = timing.StartAt,
        EndAt = timing.EndAt,
        Jitter = timing.Jitter,
        Excluded = timing.Excluded,
        Missed = timing.Missed,
        MissedAfter = timing.MissedAfter,
        MaxMissedRuns = timing.MaxMissedRuns,
        Overlap = timing.Overlap,
        History = timing.History,
    };
}
