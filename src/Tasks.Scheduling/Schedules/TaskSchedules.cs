using TasksBus.Configuration;

namespace TasksBus.Schedules;

/// <summary>The schedules that applications put: of tasks and of workflows.</summary>
internal sealed class TaskSchedules(ScheduleBook book, IEnumerable<IScheduleAction> actions, ITaskClient client, ScheduledCalls calls, TimeProvider clock) : ITaskSchedules
{
    private const string Group = ScheduleIds.Tasks;
    private const int MostInstants = 1_000;

    private readonly Dictionary<string, IScheduleAction> _actions = actions.ToDictionary(action => action.Kind, StringComparer.Ordinal);

    public Task Put(TaskSchedule schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return book.Put(Group, schedule.Name, schedule, ActionOf(schedule), cancellationToken: cancellationToken);
    }

    /// <summary>Puts a schedule that is declared in code or configuration, unless this declaration of it was put before.</summary>
    public Task Declare(TaskSchedule schedule, CancellationToken cancellationToken)
    {
        var action = ActionOf(schedule);
        return book.Put(Group, schedule.Name, schedule, action, DeclarationMark.Of(schedule, action), cancellationToken);
    }

    public async Task<ScheduleSnapshot?> Get(string name, CancellationToken cancellationToken = default) =>
        await book.Find(Group, name, cancellationToken).ConfigureAwait(false) is { } schedule ? ScheduleView.Show(schedule) : null;

    public async Task<IReadOnlyList<ScheduleSnapshot>> List(CancellationToken cancellationToken = default) =>
        [.. (await book.List(Group, cancellationToken).ConfigureAwait(false)).Select(ScheduleView.Show)];

    public Task<IReadOnlyList<UnreadableSchedule>> ListUnreadable(CancellationToken cancellationToken = default) => book.ListUnreadable(cancellationToken);

    public Task<bool> RemoveUnreadable(Guid id, CancellationToken cancellationToken = default) => book.RemoveUnreadable(id, cancellationToken);

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

    public async Task<TaskHandle> RunNow(string name, CancellationToken cancellationToken = default) =>
        client.Find(await DoNow(name, ScheduledRun.Kind, cancellationToken).ConfigureAwait(false));

    public async Task<WorkflowHandle> RunWorkflowNow(string name, CancellationToken cancellationToken = default) =>
        client.FindWorkflow(await DoNow(name, ScheduledWorkflow.Kind, cancellationToken).ConfigureAwait(false));

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

    public async Task<TaskSnapshot?> LastRun(string name, CancellationToken cancellationToken = default) =>
        (await Known(name, ScheduledRun.Kind, cancellationToken).ConfigureAwait(false)).LatestId is { } id
            && await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false) is { State: not TaskState.NotFound } run ? run : null;

    public async Task<WorkflowSnapshot?> LastWorkflow(string name, CancellationToken cancellationToken = default) =>
        (await Known(name, ScheduledWorkflow.Kind, cancellationToken).ConfigureAwait(false)).LatestId is { } id
            && await client.FindWorkflow(id).Snapshot(cancellationToken).ConfigureAwait(false) is { State: not WorkflowState.NotFound } workflow ? workflow : null;

    public async Task<ScheduleOutcome?> LastOutcome(string name, CancellationToken cancellationToken = default)
    {
        var schedule = await Known(name, cancellationToken).ConfigureAwait(false);
        foreach (var occurrence in schedule.History.Reverse().TakeWhile(occurrence => occurrence.RunId != schedule.Outcome?.RunId))
        {
            if (occurrence.Result == OccurrenceResult.Submitted && await _actions[schedule.Action.Kind].OutcomeOf(occurrence.RunId, cancellationToken).ConfigureAwait(false) is { } outcome)
                return outcome;
        }

        return schedule.Outcome;
    }

    private ScheduledAction ActionOf(TaskSchedule schedule) => schedule.Workflow is null ? ScheduledRun.Of(schedule, calls) : ScheduledWorkflow.Of(schedule, calls);

    private async Task<Guid> DoNow(string name, string kind, CancellationToken cancellationToken)
    {
        var schedule = await Known(name, kind, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var occurrence = new Occurrence(Guid.CreateVersion7(now), Group, name, now, now);
        await _actions[kind].Do(schedule.Action.Content, occurrence, cancellationToken).ConfigureAwait(false);
        var ended = await EndedOf(schedule, cancellationToken).ConfigureAwait(false);
        ScheduleOccurrence[] done = [new(now, occurrence.Id, OccurrenceResult.Submitted, now, "Run by hand.")];
        await book.Say(Group, name, stored => stored.After(done, stored.Through, occurrence.Id, stored.MayGoOn.Except(ended), stored.Waiting) with { MustWake = true }, cancellationToken).ConfigureAwait(false);
        return occurrence.Id;
    }

    /// <summary>What no occurrence need ask for any more; where they may overlap, none does.</summary>
    private async Task<IReadOnlyList<Guid>> EndedOf(ScheduleSaga schedule, CancellationToken cancellationToken)
    {
        var ended = new List<Guid>();
        foreach (var id in schedule.Timing.Overlap == OverlapRule.Allow ? [] : schedule.MayGoOn)
        {
            if (await _actions[schedule.Action.Kind].IsOver(id, cancellationToken).ConfigureAwait(false))
                ended.Add(id);
        }

        return ended;
    }

    private async Task<ScheduleSaga> Known(string name, string kind, CancellationToken cancellationToken)
    {
        var schedule = await Known(name, cancellationToken).ConfigureAwait(false);
        if (schedule.Action.Kind == kind)
            return schedule;
        throw new InvalidOperationException(kind == ScheduledRun.Kind
            ? $"Schedule '{name}' starts a workflow. Call {nameof(RunWorkflowNow)} or {nameof(LastWorkflow)}."
            : $"Schedule '{name}' runs a task. Call {nameof(RunNow)} or {nameof(LastRun)}.");
    }

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
