using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TasksBus.Tests.Schedules;

/// <summary>Timings that can be, but have no instant to come.</summary>
public sealed class NothingToComeTests
{
    private const int LeftOut = 2180;

    private static readonly ScheduleRule Daily = ScheduleRule.Cron("0 0 * * *");

    private static readonly DateTimeOffset Past = RuleData.Instant("2020-06-01T00:00:00Z");

    private static (ScheduleTiming Timing, string Field, string Holds)[] Nothing =>
    [
        (new(ScheduleRule.Once(Past)), "At is '2020-06-01T00:00:00.0000000+00:00'", "an instant after now"),
        (new(ScheduleRule.Once(RuleData.Instant("2190-01-01T00:00:00Z"))) { StartAt = RuleData.Instant("2190-06-01T00:00:00Z") }, "At is '2190-01-01", "not before StartAt, 2190-06-01"),
        (new(ScheduleRule.Cron("0 0 0 1 1 ? 2020")), "year is '2020'", $"years from {TimeProvider.System.GetUtcNow().Year} on"),
        (new(ScheduleRule.Cron("0 0 0 1 1 ? 2019-2021")), "year is '2019-2021'", "on that have such a day"),
        (new(Daily) { EndAt = Past }, "EndAt is '2020-06-01", "an instant from"),
        (new(ScheduleRule.Cron("0 0 1 6 *")) { StartAt = RuleData.Instant("2100-01-01T00:00:00Z"), EndAt = RuleData.Instant("2100-02-01T00:00:00Z") }, "EndAt is '2100-02-01", "from 2100-06-01T00:00:00"),
        (new(ScheduleRule.Cron("0 0 * * mon")) { Excluded = new ExcludedDays { Weekdays = [DayOfWeek.Monday] } }, "Excluded has every day on which the rule comes", "days that leave some of them"),
        (new(ScheduleRule.Cron("0 0 25 12 *")) { Excluded = new ExcludedDays { Yearly = [new DateOnly(2000, 12, 25)] } }, "Excluded has every day", "days that leave some of them"),
        (new(ScheduleRule.Once(RuleData.Instant("2190-01-01T00:00:00Z"))) { Excluded = new ExcludedDays { Dates = [new DateOnly(2190, 1, 1)] } }, "Excluded has every day", "days that leave some of them"),
    ];

    [Fact]
    public async Task Putting_one_is_refused_with_the_field_that_stands_in_the_way_and_what_it_may_hold()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.UseScheduling());
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();

        foreach (var (timing, field, holds) in Nothing)
        {
            var schedule = new TaskSchedule("s", new Work(), timing.Rule) { StartAt = timing.StartAt, EndAt = timing.EndAt, Excluded = timing.Excluded };
            var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => schedules.Put(schedule));

            Assert.Contains(field, error.Message, StringComparison.Ordinal);
            Assert.Contains(holds, error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await schedules.List());
    }

    [Theory]
    [InlineData("0 0 0 1 1 ? 2020", "year is '2020'")]
    [InlineData("0 0 29 2 *", "Excluded has every day")]
    public async Task Declaring_one_that_was_never_right_stops_the_host(string cron, string field)
    {
        var excluded = new ExcludedDays { Yearly = [new DateOnly(2024, 2, 29)] };

        var error = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start(schedule => schedule with { Rule = ScheduleRule.Cron(cron), Excluded = excluded }));

        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declaring_one_that_had_its_time_leaves_it_out_and_says_so()
    {
        var logs = new LogCapture();
        await using var once = await Start(schedule => schedule with { Rule = ScheduleRule.Once(Past) }, logs);
        await using var ended = await Start(schedule => schedule with { EndAt = Past }, logs);

        Assert.Empty(await once.Services.GetRequiredService<ITaskSchedules>().List());
        Assert.Equal(2, logs.Lines.Count(line => line.EventId == LeftOut));
    }

    private static Task<TaskQueueFixture> Start(Func<TaskSchedule, TaskSchedule> configure, LogCapture? logs = null) => TaskQueueFixture.Start(
        queue => queue.AddSchedule("s", new Work(), "0 0 * * *", configure),
        services => services.AddLogging(logging => logging.AddProvider(logs ?? new LogCapture())));
}
