using MassTransit;
using MassTransit.Scheduling;

using TasksBus.Schedules;

namespace TasksBus.Messages;

/// <summary>Takes what applications say of recurring messages: each is a schedule among those of the task queue.</summary>
internal sealed class RecurringMessageConsumer(ScheduleBook schedules)
    : IConsumer<ScheduleRecurringMessage>, IConsumer<CancelScheduledRecurringMessage>, IConsumer<PauseScheduledRecurringMessage>, IConsumer<ResumeScheduledRecurringMessage>
{
    /// <summary>Sends a message by a cron expression from now on; in the place of the one with the same id and group, if there is one.</summary>
    /// <exception cref="ArgumentException">The schedule cannot be.</exception>
    public Task Consume(ConsumeContext<ScheduleRecurringMessage> context)
    {
        var schedule = context.Message.Schedule;
        return schedules.Put(
            RecurringMessage.GroupOf(schedule.ScheduleGroup), schedule.ScheduleId, TimingOf(schedule),
            new ScheduledAction(RecurringMessage.Kind, Payload.From(RecurringMessage.From(context))), cancellationToken: context.CancellationToken);
    }

    /// <summary>Ends it.</summary>
    public Task Consume(ConsumeContext<CancelScheduledRecurringMessage> context) =>
        schedules.Remove(RecurringMessage.GroupOf(context.Message.ScheduleGroup), context.Message.ScheduleId, context.CancellationToken);

    /// <summary>Lets it do nothing until it is resumed.</summary>
    public Task Consume(ConsumeContext<PauseScheduledRecurringMessage> context) =>
        schedules.Pause(RecurringMessage.GroupOf(context.Message.ScheduleGroup), context.Message.ScheduleId, context.CancellationToken);

    /// <summary>Lets it go on with its next instant.</summary>
    public Task Consume(ConsumeContext<ResumeScheduledRecurringMessage> context) =>
        schedules.Resume(RecurringMessage.GroupOf(context.Message.ScheduleGroup), context.Message.ScheduleId, context.CancellationToken);

    private static ScheduleTiming TimingOf(RecurringSchedule schedule) => new(ScheduleRule.Cron(schedule.CronExpression))
    {
        TimeZone = ZoneOf(schedule.TimeZoneId),
        StartAt = schedule.StartTime == default ? null : schedule.StartTime,
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
