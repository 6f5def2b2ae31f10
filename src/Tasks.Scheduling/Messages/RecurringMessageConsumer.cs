using MassTransit;
using MassTransit.Scheduling;

using TasksBus.Schedules;

namespace TasksBus.Messages;

/// <summary>Takes what applications say of recurring messages: each is a schedule among those of the task queue.</summary>
internal sealed class RecurringMessageConsumer(ScheduleBook schedules, StorePatience patience, TimeProvider clock)
    : IConsumer<ScheduleRecurringMessage>, IConsumer<CancelScheduledRecurringMessage>, IConsumer<PauseScheduledRecurringMessage>, IConsumer<ResumeScheduledRecurringMessage>
{
    /// <summary>Sends a message by a cron expression from now on; in the place of the one with the same id and group, if there is one.</summary>
    /// <exception cref="ArgumentException">The schedule cannot be.</exception>
    public Task Consume(ConsumeContext<ScheduleRecurringMessage> context)
    {
        var schedule = context.Message.Schedule;
        var (timing, action) = (TimingOf(schedule, context.SentTime), new ScheduledAction(RecurringMessage.Kind, Payload.From(RecurringMessage.From(context))));
        return patience.Ask(token => schedules.Put(RecurringMessage.GroupOf(schedule.ScheduleGroup), schedule.ScheduleId, timing, action, cancellationToken: token), context.CancellationToken);
    }

    /// <summary>Ends it.</summary>
    public Task Consume(ConsumeContext<CancelScheduledRecurringMessage> context) => Say(schedules.Remove, context, context.Message.ScheduleGroup, context.Message.ScheduleId);

    /// <summary>Lets it do nothing until it is resumed.</summary>
    public Task Consume(ConsumeContext<PauseScheduledRecurringMessage> context) => Say(schedules.Pause, context, context.Message.ScheduleGroup, context.Message.ScheduleId);

    /// <summary>Lets it go on with its next instant.</summary>
    public Task Consume(ConsumeContext<ResumeScheduledRecurringMessage> context) => Say(schedules.Resume, context, context.Message.ScheduleGroup, context.Message.ScheduleId);

    private Task Say(Func<string, string, CancellationToken, Task> say, ConsumeContext context, string? scheduleGroup, string id) =>
        patience.Ask(token => say(RecurringMessage.GroupOf(scheduleGroup), id, token), context.CancellationToken);

    /// <remarks>A start that is over says nothing of what is to come, but is another one each time that an application starts: MassTransit's default is now.</remarks>
    private ScheduleTiming TimingOf(RecurringSchedule schedule, DateTime? saidAt) => new(ScheduleRule.Cron(schedule.CronExpression))
    {
        TimeZone = ZoneOf(schedule.TimeZoneId),
        StartAt = schedule.StartTime > clock.GetUtcNow() && !(schedule.StartTime.UtcDateTime <= saidAt?.ToUniversalTime()) ? schedule.StartTime : null,
        EndAt = schedule.EndTime,
        Missed = schedule.MisfirePolicy == MissedEventPolicy.Skip ? MissedRule.Skip : MissedRule.RunOnce,
    };

    /// <remarks>MassTransit names the zone of the application's machine, on Windows as Windows does.</remarks>
    private static string ZoneOf(string? id)
    {
        if (string.IsNullOrWhiteSpace(id))
            return TimeZoneInfo.Local.Id;
        return TimeZoneInfo.TryConvertWindowsIdToIanaId(id, out var iana) ? iana : id;
    }
}
