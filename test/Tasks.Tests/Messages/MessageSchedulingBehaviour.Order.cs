using MassTransit.Scheduling;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Messages;
using TasksBus.Schedules;

using static TasksBus.Tests.Messages.ShopApplication;

namespace TasksBus.Tests.Messages;

/// <content>What is said of one message or schedule again and again, and what becomes of the schedules of recurring ones.</content>
public abstract partial class MessageSchedulingBehaviour
{
    private const int Rounds = 20;

    [Fact]
    public async Task Of_what_is_said_of_one_token_one_after_the_other_the_last_word_counts()
    {
        await using var app = await StartShop();
        Assert.True(Bus(app).Topology.PublishTopology.GetMessageTopology<RemindCustomer>().TryGetPublishAddress(Bus(app).Address, out var address));
        var (scheduled, cancelled, customer) = (Tokens(), Tokens(), Guid.NewGuid());
        var scheduler = await Bus(app).GetSendEndpoint(Scheduler);

        foreach (var token in scheduled)
        {
            for (var number = 1; number <= 10; number++)
                await Schedule(app, address!, token, number, number < 10 ? Later : Soon, customer);
        }

        foreach (var token in cancelled)
        {
            for (var number = 1; number <= 5; number++)
                await Schedule(app, address!, token, number, Later);
            await scheduler.Send<CancelScheduledMessage>(new { TokenId = token, CorrelationId = token, Timestamp = DateTime.UtcNow });
        }

        foreach (var _ in scheduled)
            Assert.Equal(10, (await Diary(app).Next(customer)).Number);
        foreach (var token in cancelled)
            await Until(app, token, message => message is { Message: null, DueAt: null, CancelledAt: not null });
    }

    [Fact]
    public async Task Of_what_is_said_of_one_recurring_message_one_after_the_other_the_last_word_counts()
    {
        await using var app = await StartShop();
        var (paused, resumed, cancelled) = (Ids("paused"), Ids("resumed"), Ids("cancelled"));

        foreach (var id in paused.Concat(resumed).Concat(cancelled))
        {
            await Say<ScheduleRecurringMessage>(app, Command(new Recurring(id, "0 0 0 1 1 ?")));
            await Say<PauseScheduledRecurringMessage>(app, Of(id));
            await Say<ResumeScheduledRecurringMessage>(app, Of(id));
            if (paused.Contains(id))
                await Say<PauseScheduledRecurringMessage>(app, Of(id));
            await Say<ScheduleRecurringMessage>(app, Command(new Recurring(id, "0 0 0 2 2 ?")));
            if (cancelled.Contains(id))
                await Say<CancelScheduledRecurringMessage>(app, Of(id));
        }

        foreach (var id in paused)
            await UntilRecurring(app, id, schedule => schedule is { IsPaused: true, Timing.Rule: CronRule { Expression: "0 0 0 2 2 ?" } });
        foreach (var id in resumed)
            await UntilRecurring(app, id, schedule => schedule is { IsPaused: false, Timing.Rule: CronRule { Expression: "0 0 0 2 2 ?" } });
        foreach (var id in cancelled)
            await UntilRecurring(app, id, schedule => schedule is null);
    }

    [Theory]
    [InlineData("America/New_York", "America/New_York", MissedEventPolicy.Default, MissedRule.RunOnce)]
    [InlineData("W. Europe Standard Time", "Europe/Berlin", MissedEventPolicy.Send, MissedRule.RunOnce)]
    [InlineData("Asia/Tokyo", "Asia/Tokyo", MissedEventPolicy.Skip, MissedRule.Skip)]
    public async Task A_recurring_message_comes_in_its_zone_from_its_start_to_its_end_and_by_its_rule_for_missed_ones(string zone, string iana, MissedEventPolicy policy, MissedRule missed)
    {
        await using var app = await StartShop();
        var (start, end) = (new DateTimeOffset(2090, 3, 1, 0, 0, 0, TimeSpan.FromHours(1)), new DateTimeOffset(2091, 3, 1, 0, 0, 0, TimeSpan.Zero));

        await Say<ScheduleRecurringMessage>(app, Command(new Recurring("mapped", "0 30 8 ? * MON-FRI") { Zone = zone, Start = start, End = end, Missed = policy }));
        var schedule = await UntilRecurring(app, "mapped", schedule => schedule is not null);

        Assert.Equal(new ScheduleTiming(ScheduleRule.Cron("0 30 8 ? * MON-FRI")) { TimeZone = iana, StartAt = start, EndAt = end, Missed = missed }, schedule!.Timing);
    }

    [Fact]
    public async Task A_recurring_message_that_is_announced_again_goes_on_where_it_was_although_its_start_is_later()
    {
        await using var app = await StartShop();
        var started = DateTimeOffset.Now;

        await Say<ScheduleRecurringMessage>(app, Command(new Recurring("again", "0 0 0 1 1 ?") { Start = started }));
        var first = await UntilRecurring(app, "again", schedule => schedule is not null);
        await Say<ScheduleRecurringMessage>(app, Command(new Recurring("again", "0 0 0 1 1 ?") { Start = started.AddMilliseconds(1) }));
        await Say<PauseScheduledRecurringMessage>(app, Of("again"));
        var second = await UntilRecurring(app, "again", schedule => schedule is { IsPaused: true });

        Assert.Equal((first!.Through, first.Timing), (second!.Through, second.Timing));
        Assert.Null(second.Timing.StartAt);
    }

    [Fact]
    public async Task A_recurring_message_without_start_and_end_has_no_bounds()
    {
        await using var app = await StartShop();

        await Say<ScheduleRecurringMessage>(app, Command(new Recurring("boundless", "0 0 0 1 1 ?") { Zone = "UTC" }));
        var schedule = await UntilRecurring(app, "boundless", schedule => schedule is not null);

        Assert.Equal((null, null), (schedule!.Timing.StartAt, schedule.Timing.EndAt));
    }

    private static List<Guid> Tokens() => [.. Enumerable.Range(0, Rounds).Select(_ => Guid.NewGuid())];

    private static List<string> Ids(string what) => [.. Enumerable.Range(0, Rounds).Select(number => $"{what}-{number}")];

    private static object Of(string id) => new { CorrelationId = Guid.NewGuid(), Timestamp = DateTime.UtcNow, ScheduleId = id, ScheduleGroup = Recurring.Group };

    private static ScheduleRecurringMessageCommand<RemindCustomer> Command(Recurring schedule) => new(schedule, new Uri("queue:nowhere"), new RemindCustomer(Guid.NewGuid(), 1));

    private async Task Say<T>(TaskQueueFixture app, object command)
        where T : class =>
        await (await Bus(app).GetSendEndpoint(Scheduler)).Send<T>(command);

    private static async Task<ScheduleSaga?> UntilRecurring(TaskQueueFixture app, string id, Func<ScheduleSaga?, bool> condition)
    {
        ScheduleSaga? schedule = null;
        await Eventually(async () => condition(schedule = await app.Services.GetRequiredService<ScheduleBook>().Find(RecurringMessage.GroupOf(Recurring.Group), id)));
        return schedule;
    }

    private sealed class Recurring : RecurringSchedule
    {
        public const string Group = "order";

        public Recurring(string id, string cron) => (ScheduleId, CronExpression) = (id, cron);

        public string? Zone { get; init; }

        public DateTimeOffset Start { get; init; }

        public DateTimeOffset? End { get; init; }

        public MissedEventPolicy Missed { get; init; }

        public string TimeZoneId => Zone ?? "UTC";

        public DateTimeOffset StartTime => Start;

        public DateTimeOffset? EndTime => End;

        public string ScheduleId { get; }

        public string ScheduleGroup => Group;

        public string CronExpression { get; }

        public string Description => "";

        public MissedEventPolicy MisfirePolicy => Missed;
    }
}
