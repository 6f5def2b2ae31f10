using System.Text.Json;

using Quartz;

using TasksBus.Nodes;
using TasksBus.Schedules;

namespace TasksBus.Database;

/// <summary>
/// Schedules in Quartz's own store. A schedule is the data of its job; what came of its occurrences is the data of a second job, which never runs: so who says
/// something of a schedule and who does what is due write apart, and neither undoes the other.
/// </summary>
internal sealed class QuartzSchedules(QuartzAlarms alarms) : IScheduleStore
{
    private const string RecordGroup = "tasksbus-records";
    private const string Key = "schedule";
    private const int PageSize = 500;

    private static readonly JsonSerializerOptions Json = new ScheduleMapping().Json;

    public async ValueTask<ScheduleSaga?> Load(Guid id, CancellationToken cancellationToken) =>
        await alarms.Ask(scheduler => Load(scheduler, id, cancellationToken)).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ScheduleSaga>> List(CancellationToken cancellationToken) =>
        await alarms.Ask(scheduler => List(scheduler, cancellationToken)).ConfigureAwait(false);

    public async ValueTask<ScheduleSaga?> Change(Guid id, Func<ScheduleSaga?, ScheduleSaga?> change, CancellationToken cancellationToken) =>
        await alarms.Ask(scheduler => Change(scheduler, id, change, cancellationToken)).ConfigureAwait(false);

    private static async Task<ScheduleSaga?> Load(IScheduler scheduler, Guid id, CancellationToken cancellationToken)
    {
        var jobs = await scheduler.GetJobDetails([QuartzAlarms.JobOf(id).Key, RecordKey(id)], cancellationToken).ConfigureAwait(false);
        return Read(jobs.FirstOrDefault(job => job.Key.Group != RecordGroup), jobs.FirstOrDefault(job => job.Key.Group == RecordGroup));
    }

    private static async Task<IReadOnlyList<ScheduleSaga>> List(IScheduler scheduler, CancellationToken cancellationToken)
    {
        var schedules = new List<ScheduleSaga>();
        var seen = 0;
        for (var hasMore = true; hasMore; seen += PageSize)
        {
            var page = await scheduler.QueryJobs(new JobQuery { Group = QuartzAlarms.JobsOfAll(), Skip = seen, Take = PageSize }, cancellationToken).ConfigureAwait(false);
            foreach (var job in page.Items)
            {
                if (await Load(scheduler, Guid.ParseExact(job.Key.Name, "N"), cancellationToken).ConfigureAwait(false) is { } schedule)
                    schedules.Add(schedule);
            }

            hasMore = page.HasMore;
        }

        return [.. schedules.Where(schedule => !schedule.IsRemoved)];
    }

    private async Task<ScheduleSaga?> Change(IScheduler scheduler, Guid id, Func<ScheduleSaga?, ScheduleSaga?> change, CancellationToken cancellationToken)
    {
        var stored = await Load(scheduler, id, cancellationToken).ConfigureAwait(false);
        var changed = change(stored);
        if (changed is null || ReferenceEquals(changed, stored))
            return stored;

        changed = changed with { CorrelationId = id };
        await (changed.IsAnnounced ? SaveSchedule(scheduler, changed, cancellationToken) : SaveRecord(scheduler, changed, cancellationToken)).ConfigureAwait(false);
        return changed;
    }

    private async Task SaveSchedule(IScheduler scheduler, ScheduleSaga schedule, CancellationToken cancellationToken)
    {
        var job = QuartzAlarms.JobOf(schedule.CorrelationId, DataOf(schedule with { History = [], LatestId = null, Waiting = null }));
        if (schedule is { IsRemoved: true, Declaration: null })
        {
            await scheduler.DeleteJobs([job.Key, RecordKey(schedule.CorrelationId)], cancellationToken).ConfigureAwait(false);
            return;
        }

        await scheduler.AddJob(job, AddJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
        if (schedule.NextAlarm is { } at)
            await alarms.Set(schedule.CorrelationId, at, cancellationToken).ConfigureAwait(false);
    }

    private static async Task SaveRecord(IScheduler scheduler, ScheduleSaga schedule, CancellationToken cancellationToken)
    {
        var record = JobBuilder.Create<AlarmJob>().WithIdentity(RecordKey(schedule.CorrelationId)).UsingJobData(DataOf(schedule)).StoreDurably().Build();
        await scheduler.AddJob(record, AddJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
    }

    private static ScheduleSaga? Read(IJobDetail? job, IJobDetail? recordJob)
    {
        if (job is null || SagaOf(job) is not { } schedule)
            return null;
        schedule.CorrelationId = Guid.ParseExact(job.Key.Name, "N");
        return recordJob is null || SagaOf(recordJob) is not { } record
            ? schedule
            : schedule.After(record.History, record.Through, record.LatestId, schedule.IsRemoved ? null : record.Waiting);
    }

    private static ScheduleSaga? SagaOf(IJobDetail job) => job.JobDataMap.TryGetValue(Key, out var json) && json is string text ? JsonSerializer.Deserialize<ScheduleSaga>(text, Json) : null;

    private static JobDataMap DataOf(ScheduleSaga schedule) => new() { [Key] = JsonSerializer.Serialize(schedule, Json) };

    private static JobKey RecordKey(Guid id) => new(id.ToString("N"), RecordGroup);
}
