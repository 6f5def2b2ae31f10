using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Quartz;
using Quartz.Extensibility;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Occurrences;

namespace TasksBus.Nodes;

/// <summary>
/// Alarms by a Quartz scheduler: a job for each schedule, which Quartz runs once at a time, and a trigger at its next instant. What is due is decided where
/// the alarm is heard, so that a trigger which comes late, or again, does no harm.
/// </summary>
internal sealed class QuartzAlarms : IAlarms, IAsyncDisposable
{
    private const string Group = "tasksbus";
    private const int MostAtATime = 300;

    /// <summary>How long Quartz sleeps at most: after so long it has seen that the clock was changed.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <summary>What comes within so long goes off together: Quartz takes a turn for each time, and many schedules have as many times. Each then waits for its own, but for a moment.</summary>
    private static readonly TimeSpan TogetherWithin = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _clock;
    private readonly TimeSpan? _again;
    private readonly QuartzStore? _store;
    private readonly OpenedScheduler _scheduler;
    private bool _isDisposed;

    /// <param name="onAlarm">What to do when an alarm goes off.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logging">Where Quartz is to log; null: nowhere.</param>
    /// <param name="store">Where Quartz is to keep the alarms; null: in memory.</param>
    /// <param name="again">An alarm goes off a second time after so long, unless it was set anew: whoever heard it may have failed. Null: never.</param>
    public QuartzAlarms(Func<Guid, Task> onAlarm, TimeProvider clock, ILoggerFactory? logging, QuartzStore? store = null, TimeSpan? again = null)
    {
        (_clock, _again, _store) = (clock, again, store);
        _scheduler = new OpenedScheduler(() => CreateFactory(new Jobs(onAlarm, clock), clock, logging, store));
    }

    /// <summary>Where the alarms are kept.</summary>
    public string Address => _store?.Address ?? "memory";

    /// <summary>The scheduler behind; if its database does not answer, whoever asks next tries again.</summary>
    public Task<IScheduler> Scheduler => _scheduler.Get();

    /// <summary>The job of a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="data">What the store is to keep with it.</param>
    public static IJobDetail JobOf(Guid schedule, JobDataMap? data = null) => JobBuilder.Create<AlarmJob>()
        .WithIdentity(schedule.ToString("N"), Group).UsingJobData(data ?? []).DisallowConcurrentExecution().StoreDurably().RequestRecovery().Build();

    /// <summary>The jobs of all schedules.</summary>
    public static GroupMatcher<JobKey> JobsOfAll() => GroupMatcher<JobKey>.GroupEquals(Group);

    /// <summary>Lets alarms go off.</summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        var scheduler = await Scheduler.ConfigureAwait(false);
        try
        {
            await scheduler.Start(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await _scheduler.GiveUp().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets no alarm go off, and forgets all.</summary>
    public async Task Clear(CancellationToken cancellationToken)
    {
        var scheduler = await Scheduler.ConfigureAwait(false);
        await scheduler.Standby(cancellationToken).ConfigureAwait(false);
        await scheduler.Clear(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask Set(Guid schedule, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (scheduler, job) = (await Scheduler.ConfigureAwait(false), JobOf(schedule));
        if (!await scheduler.Exists(job.Key, cancellationToken).ConfigureAwait(false))
            await scheduler.AddJob(job, AddJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
        await scheduler.ScheduleTrigger(TriggerOf(job, at, _again), TriggerConflict.KeepEarlier, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the alarms of many schedules.</summary>
    public async Task SetAll(IEnumerable<(Guid Schedule, DateTimeOffset At)> alarms, CancellationToken cancellationToken)
    {
        var jobs = alarms.Select(alarm => (Job: JobOf(alarm.Schedule), alarm.At)).ToDictionary(alarm => alarm.Job, IReadOnlyCollection<ITrigger> (alarm) => [TriggerOf(alarm.Job, alarm.At, _again)]);
        await (await Scheduler.ConfigureAwait(false)).ScheduleJobs(jobs, ScheduleJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets anew what is due and held back by nothing: an alarm that is set in the moment in which its job ends may stay blocked in a database for good
    /// (seen with Quartz 4.7.3 and PostgreSQL). Where the job does run, Quartz calls its alarm executing, and blocks it again if it is set.
    /// </summary>
    public async Task SetBlockedAgain(CancellationToken cancellationToken)
    {
        var (scheduler, now) = (await Scheduler.ConfigureAwait(false), _clock.GetUtcNow());
        var due = new TriggerQuery { Group = GroupMatcher<TriggerKey>.GroupEquals(Group), State = TriggerState.Blocked, NextFireTimeBefore = now };
        foreach (var blocked in (await scheduler.QueryTriggers(due, cancellationToken).ConfigureAwait(false)).Items)
            await scheduler.ScheduleTrigger(TriggerOf(JobOf(Guid.ParseExact(blocked.Key.Name, "N")), now, _again), TriggerConflict.Replace, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops, after what has gone off is done.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _scheduler.DisposeAsync().ConfigureAwait(false);
    }

    private static StandaloneSchedulerFactory CreateFactory(IJobFactory jobs, TimeProvider clock, ILoggerFactory? logging, QuartzStore? store)
    {
        var builder = QuartzSchedulerBuilder.Create(quartz =>
        {
            if (logging is not null)
                quartz.Services.AddSingleton(logging);
            quartz.UseTimeProvider(clock)
                .UseJobFactory(jobs)
                .UseDefaultThreadPool(MostAtATime)
                .ConfigureScheduler(options =>
                {
                    options.InstanceName = store?.Name ?? $"{Group}-{Guid.NewGuid():N}";
                    options.GenerateInstanceId = store is not null;
                    options.IdleWaitTime = LongestSleep;
                    options.MaxBatchSize = MostAtATime;
                    options.BatchTriggerAcquisitionFireAheadTimeWindow = TogetherWithin;
                });
            if (store is null)
                quartz.UseInMemoryStore();
            else
                store.Apply(quartz);
        });
        if (store?.Section is { } section)
            builder.UseConfiguration(section);
        return builder.Build();
    }

    private static ITrigger TriggerOf(IJobDetail job, DateTimeOffset at, TimeSpan? repeat) => TriggerBuilder.Create().WithIdentity(job.Key.Name, Group).ForJob(job).StartAt(at)
        .WithSimpleSchedule(simple => (repeat is { } again ? simple.WithInterval(again).WithRepeatCount(1) : simple).WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires)).Build();

    private sealed class Jobs(Func<Guid, Task> onAlarm, TimeProvider clock) : IJobFactory
    {
        private readonly AlarmJob _job = new(onAlarm, clock);

        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) => new(new JobScope(_job));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;
    }
}

/// <summary>What Quartz runs when an alarm goes off.</summary>
internal sealed class AlarmJob(Func<Guid, Task> onAlarm, TimeProvider clock) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await clock.WaitUntil((context.ScheduledFireTimeUtc ?? context.FireTimeUtc) - RunMessage.SentAhead, cancellationToken).ConfigureAwait(false);
        await onAlarm(Guid.ParseExact(context.JobDetail.Key.Name, "N")).WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
