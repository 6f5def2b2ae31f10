using System.Text;
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

    public async ValueTask<ScheduleList> List(CancellationToken cancellationToken) =>
        await alarms.Ask(scheduler => List(scheduler, cancellationToken)).ConfigureAwait(false);

    public async ValueTask<ScheduleSaga?> Change(Guid id, Func<ScheduleSaga?, ScheduleSaga?> change, CancellationToken cancellationToken) =>
        await alarms.Ask(scheduler => Change(scheduler, id, change, cancellationToken)).ConfigureAwait(false);

    private static async Task<ScheduleSaga?> Load(IScheduler scheduler, Guid id, CancellationToken cancellationToken)
    {
        var (job, record) = await JobsOf(scheduler, id, cancellationToken).ConfigureAwait(false);
        return Read(job, record);
    }

    private static async Task<(IJobDetail? Job, IJobDetail? Record)> JobsOf(IScheduler scheduler, Guid id, CancellationToken cancellationToken)
    {
        var jobs = await scheduler.GetJobDetails([QuartzAlarms.JobOf(id).Key, RecordKey(id)], cancellationToken).ConfigureAwait(false);
        return (jobs.FirstOrDefault(job => job.Key.Group != RecordGroup), jobs.FirstOrDefault(job => job.Key.Group == RecordGroup));
    }

    public async ValueTask<bool> RemoveUnreadable(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await Load(id, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (UnreadableScheduleException)
        {
            return await alarms.Ask(async scheduler => (await scheduler.DeleteJobs([QuartzAlarms.JobOf(id).Key, RecordKey(id)], cancellationToken).ConfigureAwait(false)).Count > 0).ConfigureAwait(false);
        }
    }

    private static async Task<ScheduleList> List(IScheduler scheduler, CancellationToken cancellationToken)
    {
        var stored = new List<(IJobDetail? Job, IJobDetail? Record)>();
        var seen = 0;
        for (var hasMore = true; hasMore; seen += PageSize)
        {
            var page = await scheduler.QueryJobs(new JobQuery { Group = QuartzAlarms.JobsOfAll(), Skip = seen, Take = PageSize }, cancellationToken).ConfigureAwait(false);
            foreach (var job in page.Items)
                stored.Add(await JobsOf(scheduler, Guid.ParseExact(job.Key.Name, "N"), cancellationToken).ConfigureAwait(false));
            hasMore = page.HasMore;
        }

        return ScheduleReading.Sort(stored, jobs => Read(jobs.Job, jobs.Record) is { IsRemoved: false } schedule ? schedule : null);
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
        var job = QuartzAlarms.JobOf(schedule.CorrelationId, DataOf(schedule with { History = [], LatestId = null, BesideLatest = [], Waiting = null, Outcome = null, OutcomeDueAt = null }));
        if (schedule is { IsRemoved: true, Declaration: null })
        {
            await scheduler.DeleteJobs([job.Key, RecordKey(schedule.CorrelationId)], cancellationToken).ConfigureAwait(false);
            return;
        }

        await scheduler.AddJob(job, AddJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
        if (schedule.IsRemoved)
            await SaveRecord(scheduler, schedule, cancellationToken).ConfigureAwait(false);
        if (schedule.NextAlarm is { } at)
            await alarms.Set(schedule.CorrelationId, at, cancellationToken).ConfigureAwait(false);
    }

    private async Task SaveRecord(IScheduler scheduler, ScheduleSaga schedule, CancellationToken cancellationToken)
    {
        var record = JobBuilder.Create<AlarmJob>().WithIdentity(RecordKey(schedule.CorrelationId)).UsingJobData(DataOf(schedule)).StoreDurably().Build();
        await scheduler.AddJob(record, AddJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
        if (schedule is { MustWake: true, NextAlarm: { } at })
            await alarms.Set(schedule.CorrelationId, at, cancellationToken).ConfigureAwait(false);
    }

    private static ScheduleSaga? Read(IJobDetail? job, IJobDetail? recordJob)
    {
        if (job is null || SagaOf(job) is not { } schedule)
            return null;
        schedule.CorrelationId = Guid.ParseExact(job.Key.Name, "N");
        return recordJob is null || SagaOf(recordJob) is not { } record ? schedule : Join(schedule, record);
    }

    /// <summary>What was said of a schedule, with what came of it. How far it is, who wrote last knows: a new timing, or a clock that is put right, may have set it back.</summary>
    private static ScheduleSaga Join(ScheduleSaga schedule, ScheduleSaga record) =>
        schedule.After(record.History, schedule.Through, record.LatestId, record.MayGoOn, schedule.IsRemoved ? null : record.Waiting) with
        {
            Through = record.ChangedAt == schedule.ChangedAt ? record.Through : schedule.Through,
            Outcome = record.Outcome,
            OutcomeDueAt = record.OutcomeDueAt,
        };

    private static ScheduleSaga? SagaOf(IJobDetail job) => job.JobDataMap.TryGetValue(Key, out var json) && json is string text
        ? ScheduleReading.Read(Guid.ParseExact(job.Key.Name, "N"), Encoding.UTF8.GetBytes(text), () => JsonSerializer.Deserialize<ScheduleSaga>(text, Json) ?? throw new JsonException("It is null."))
        : null;

    private static JobDataMap DataOf(ScheduleSaga schedule) => new() { [Key] = JsonSerializer.Serialize(schedule, Json) };

    private static JobKey RecordKey(Guid id) => new(id.ToString("N"), RecordGroup);
}
