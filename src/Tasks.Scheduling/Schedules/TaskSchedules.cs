using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Occurrences;

namespace TasksBus.Schedules;

/// <summary>The schedules of tasks.</summary>
internal sealed class TaskSchedules(ScheduleBook book, IEnumerable<IScheduleAction> actions, ITaskClient client, TaskCatalogue catalogue, TimeProvider clock) : ITaskSchedules
{
    private const string Group = ScheduleIds.Tasks;
    private const int MostInstants = 1_000;

    private readonly IScheduleAction _run = actions.First(action => action.Kind == RunAction.RunKind);

    public Task Put(TaskSchedule schedule, CancellationToken cancellationToken = default) => Put(schedule, declaration: null, cancellationToken);

    public Task Put(TaskSchedule schedule, string? declaration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return book.Put(Group, schedule.Name, schedule, ActionOf(schedule), declaration, cancellationToken);
    }

    public async Task<ScheduleSnapshot?> Get(string name, CancellationToken cancellationToken = default) =>
        await book.Find(Group, name, cancellationToken).ConfigureAwait(false) is { } schedule ? ToSnapshot(schedule) : null;

    public async Task<IReadOnlyList<ScheduleSnapshot>> List(CancellationToken cancellationToken = default) =>
        [.. (await book.List(Group, cancellationToken).ConfigureAwait(false)).Select(ToSnapshot)];

    public Task<bool> Remove(string name, CancellationToken cancellationToken = default) => book.Remove(Group, name, cancellationToken);

    public async Task Pause(string name, CancellationToken cancellationToken = default)
    {
        if (!await book.Pause(Group, name, cancellationToken).ConfigureAwait(false))
            throw await Unknown(name, cancellationToken).ConfigureAwait(false);
    }

    public async Task Resume(string name, CancellationToken cancellationToken = default)
    {
        if (!await book.Resume(Group, name, cancellationToken).ConfigureAwait(false))
            throw await Unknown(name, cancellationToken).ConfigureAwait(false);
    }

    public async Task<TaskHandle> RunNow(string name, CancellationToken cancellationToken = default)
    {
        var schedule = await Known(name, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var occurrence = new Occurrence(Guid.CreateVersion7(now), Group, name, now);
        await _run.Do(schedule.Action.Content, occurrence, cancellationToken).ConfigureAwait(false);
        await book.Say(Group, name, stored => stored.After(
            [new ScheduleOccurrence(now, occurrence.Id, OccurrenceResult.Submitted, now, "Run by hand.")], stored.Through, occurrence.Id, stored.Waiting), cancellationToken).ConfigureAwait(false);
        return client.Find(occurrence.Id);
    }

    public async Task<IReadOnlyList<DateTimeOffset>> Next(string name, int count, CancellationToken cancellationToken = default)
    {
        CheckCount(count);
        var schedule = await Known(name, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        return [.. schedule.Timetable.After(schedule.Through > now ? schedule.Through : now).Take(count)];
    }

    public IReadOnlyList<DateTimeOffset> Preview(ScheduleTiming timing, int count)
    {
        ArgumentNullException.ThrowIfNull(timing);
        CheckCount(count);
        var now = clock.GetUtcNow();
        return [.. ScheduleBook.TimetableOf((timing as TaskSchedule)?.Name ?? "preview", timing, now).After(now).Take(count)];
    }

    public async Task<TaskSnapshot?> LastRun(string name, CancellationToken cancellationToken = default)
    {
        var schedule = await Known(name, cancellationToken).ConfigureAwait(false);
        return schedule.LatestId is { } id && await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false) is { State: not TaskState.NotFound } run ? run : null;
    }

    private ScheduledAction ActionOf(TaskSchedule schedule)
    {
        if (schedule.Options is { } options && (options.RunId is not null || options.NotBefore is not null || options.ExpiresAt is not null))
        {
            throw new ArgumentException(
                $"Schedule '{schedule.Name}': {nameof(RunOptions.RunId)}, {nameof(RunOptions.NotBefore)} and {nameof(RunOptions.ExpiresAt)} belong to a single run. " +
                $"Use {nameof(RunOptions.Delay)} and {nameof(RunOptions.ExpiresIn)}.",
                nameof(schedule));
        }

        if (schedule.Options?.Queue is { } queue && !catalogue.Queues.Contains(queue))
            throw new UnknownQueueException($"Schedule '{schedule.Name}': queue '{queue}' is not one of those that this process knows.{NearMiss.For(queue, catalogue.Queues)}");
        var taskName = schedule.TaskName ?? NameOf(schedule);
        var arguments = Arguments.Serialize(schedule.Arguments, $"schedule '{schedule.Name}'", catalogue.Options);
        return new ScheduledAction(RunAction.RunKind, Payload.From(new ScheduledRun(taskName, arguments, schedule.Options)));
    }

    private string NameOf(TaskSchedule schedule)
    {
        if (schedule.Arguments is not ITask task)
            throw new ArgumentException($"Schedule '{schedule.Name}' does not say what to run. Give it the arguments of a task, or the name of one.", nameof(schedule));
        return catalogue.Find(task.GetType())?.Name ?? TaskName.Of(task.GetType());
    }

    private static ScheduleSnapshot ToSnapshot(ScheduleSaga schedule)
    {
        var run = schedule.Action.Content.As<ScheduledRun>()!;
        return new ScheduleSnapshot
        {
            Schedule = Timed(new TaskSchedule(schedule.Name, run.TaskName, run.Arguments, schedule.Timing.Rule) { Options = run.Options }, schedule.Timing),
            IsPaused = schedule.IsPaused,
            NextAt = schedule.IsPaused ? null : schedule.Timetable.Next(schedule.Through),
            WaitingSince = schedule.Waiting,
            History = schedule.History,
        };
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

    private async Task<ScheduleSaga> Known(string name, CancellationToken cancellationToken) =>
        await book.Find(Group, name, cancellationToken).ConfigureAwait(false) ?? throw await Unknown(name, cancellationToken).ConfigureAwait(false);

    private async Task<KeyNotFoundException> Unknown(string name, CancellationToken cancellationToken)
    {
        var names = (await book.List(Group, cancellationToken).ConfigureAwait(false)).Select(schedule => schedule.Name).ToList();
        return new KeyNotFoundException($"There is no schedule '{name}'.{NearMiss.For(name, names)} Put it first.");
    }

    private static void CheckCount(int count)
    {
        if (count is < 1 or > MostInstants)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"{nameof(count)} is {count}. Give 1 to {MostInstants}.");
    }
}
