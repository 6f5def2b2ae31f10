using TasksBus.Rules;

namespace TasksBus.Tests.Schedules;

/// <summary>Cron expressions.</summary>
public sealed class CronTests
{
    [Fact]
    public void Five_fields_give_the_instants_that_Celery_gives()
    {
        var lines = RuleData.Read("crontab.tsv").ToList();

        Assert.True(lines.Count >= 200, $"Only {lines.Count} expressions.");
        Assert.All(lines, line => Assert.Equal(
            line.Skip(2).Select(RuleData.Instant),
            RuleData.Next(new ScheduleTiming(ScheduleRule.Cron(line[0])), line[1], 3)));
    }

    [Theory]
    [InlineData("*/15 * * * * ?", "2026-01-01T00:00:00Z", "2026-01-01T00:00:15Z", "2026-01-01T00:00:30Z")]
    [InlineData("0 0 12 L * ?", "2026-01-01T00:00:00Z", "2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z")]
    [InlineData("0 0 12 LW * ?", "2026-01-01T00:00:00Z", "2026-01-30T12:00:00Z", "2026-02-27T12:00:00Z")]
    [InlineData("0 0 12 15W * ?", "2026-02-01T00:00:00Z", "2026-02-16T12:00:00Z", "2026-03-16T12:00:00Z")]
    [InlineData("0 0 12 ? * 6L", "2026-01-01T00:00:00Z", "2026-01-30T12:00:00Z", "2026-02-27T12:00:00Z")]
    [InlineData("0 0 12 ? * 6#3", "2026-01-01T00:00:00Z", "2026-01-16T12:00:00Z", "2026-02-20T12:00:00Z")]
    [InlineData("0 0 12 ? * MON-FRI", "2026-01-02T13:00:00Z", "2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z")]
    [InlineData("0 0 12 ? * FRIL", "2026-01-01T00:00:00Z", "2026-01-30T12:00:00Z", "2026-02-27T12:00:00Z")]
    [InlineData("0 0 12 ? * FridayL", "2026-01-01T00:00:00Z", "2026-01-30T12:00:00Z", "2026-02-27T12:00:00Z")]
    [InlineData("0 0 12 ? * monday-FRIDAY", "2026-01-02T13:00:00Z", "2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z")]
    [InlineData("0 0 12 1 March,October ?", "2026-01-02T13:00:00Z", "2026-03-01T12:00:00Z", "2026-10-01T12:00:00Z")]
    [InlineData("0 0 12 L-3W * ?", "2026-01-01T00:00:00Z", "2026-01-28T12:00:00Z", "2026-02-25T12:00:00Z")]
    [InlineData("/15 * * * * ?", "2026-01-01T00:00:00Z", "2026-01-01T00:00:15Z", "2026-01-01T00:00:30Z")]
    [InlineData("0 0 0 1 1 ? 2027-2030", "2026-01-02T00:00:00Z", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")]
    public void Six_or_seven_fields_are_read_as_Quartz_reads_them(string expression, string after, string first, string second) =>
        Assert.Equal([RuleData.Instant(first), RuleData.Instant(second)], RuleData.Next(new ScheduleTiming(ScheduleRule.Cron(expression)), after, 2));

    [Fact]
    public void The_fields_of_a_crontab_can_be_given_one_by_one() =>
        Assert.Equal(new CronRule("30 7 1,15 * mon-fri"), ScheduleRule.Crontab(minute: "30", hour: "7", dayOfWeek: "mon-fri", dayOfMonth: "1, 15"));

    [Theory]
    [InlineData("60 * * * *", "minute is '60'", "0 to 59")]
    [InlineData("*/90 * * * *", "minute is '*/90'", "a step of 1 to 60")]
    [InlineData("0-30/61 * * * *", "minute is '0-30/61'", "a step of 1 to 60")]
    [InlineData("0 */25 * * *", "hour is '*/25'", "a step of 1 to 24")]
    [InlineData("0 0 */32 * *", "day of month is '*/32'", "a step of 1 to 31")]
    [InlineData("0 0 1 */13 *", "month is '*/13'", "a step of 1 to 12")]
    [InlineData("0 0 * * */8", "day of week is '*/8'", "a step of 1 to 7")]
    [InlineData("0 0 * * money", "day of week is 'money'", "sun to sat, also in full")]
    [InlineData("0 0 * * mon-frid", "day of week is 'mon-frid'", "sun to sat, also in full")]
    [InlineData("0 0 1 marching *", "month is 'marching'", "jan to dec, also in full")]
    [InlineData("* 24 * * *", "hour is '24'", "0 to 23")]
    [InlineData("* * 0 * *", "day of month is '0'", "1 to 31")]
    [InlineData("* * * 13 *", "month is '13'", "1 to 12 or jan to dec")]
    [InlineData("* * * * 7", "day of week is '7'", "0 is Sunday")]
    [InlineData("5/15 * * * *", "minute is '5/15'", "a step of 1 to 60 as in */2")]
    [InlineData("*/0 * * * *", "minute is '*/0'", "0 to 59")]
    [InlineData("1-2-3 * * * *", "minute is '1-2-3'", "a range as in 0-2")]
    [InlineData("* * * foo *", "month is 'foo'", "jan to dec")]
    [InlineData("* * * * L", "day of week is 'L'", "sun to sat")]
    [InlineData("1,,2 * * * *", "minute is '1,,2'", "several of them after commas")]
    [InlineData("* * * *", "it has 4 fields", "Give five")]
    [InlineData("", "it has 0 fields", "Give five")]
    [InlineData("61 * * * * ?", "second is '61'", "0 to 59")]
    [InlineData("0 61 * * * ?", "minute is '61'", "0 to 59")]
    [InlineData("0 0 25 * * ?", "hour is '25'", "0 to 23")]
    [InlineData("0 0 0 32 * ?", "day of month is '32'", "a weekday near a day as in 15W")]
    [InlineData("0 0 0 ? 13 *", "month is '13'", "JAN to DEC")]
    [InlineData("0 0 0 ? * 8", "day of week is '8'", "1 is Sunday")]
    [InlineData("0 0 0 ? * MON 1890", "year is '1890'", "1970 to a hundred from now")]
    [InlineData("0 0 0 1 1 ? 2026/x", "year is '2026/x'", "as in 0/2")]
    [InlineData("0 0 0 1 1 ? ,", "year is ','", "several of them after commas")]
    [InlineData("0 0/x * * * ?", "minute is '0/x'", "as in 0/2")]
    [InlineData("0 1,,2 * * * ?", "minute is '1,,2'", "several of them after commas")]
    [InlineData("0/90 * * * * ?", "second is '0/90'", "steps of 1 to 59")]
    [InlineData("0 */60 * * * ?", "minute is '*/60'", "steps of 1 to 59")]
    [InlineData("0 0 0/24 * * ?", "hour is '0/24'", "steps of 1 to 23")]
    [InlineData("0 0 0 1/32 * ?", "day of month is '1/32'", "steps of 1 to 31")]
    [InlineData("0 0 0 1 1/13 ?", "month is '1/13'", "steps of 1 to 12")]
    [InlineData("0 0 0 ? * 1/8", "day of week is '1/8'", "steps of 1 to 7")]
    [InlineData("0 0 0 1 1 ? 2026/200", "year is '2026/200'", "steps of 1 to 100")]
    [InlineData("0 0 0 ? * MONEY", "day of week is 'MONEY'", "SUN to SAT")]
    [InlineData("0 0 0 ? * MON-FRIEND", "day of week is 'MON-FRIEND'", "SUN to SAT")]
    [InlineData("0 0 0 ? * 6LX", "day of week is '6LX'", "the last as in 6L")]
    [InlineData("0 0 0 15WW * ?", "day of month is '15WW'", "a weekday near a day as in 15W")]
    [InlineData("0 0 0 1 JANX ?", "month is 'JANX'", "JAN to DEC")]
    [InlineData("0 0 0 29 2 ? 2027", "there is no such day in any month", "or year")]
    [InlineData("0 0 30 2 *", "there is no such day in any month", "Correct day of month")]
    public void An_expression_that_cannot_be_is_refused_with_its_field_and_what_that_may_hold(string expression, string field, string holds)
    {
        var error = Assert.Throws<FormatException>(() => new Timetable(new ScheduleTiming(ScheduleRule.Cron(expression)), DateTimeOffset.UnixEpoch));

        Assert.Contains(field, error.Message, StringComparison.Ordinal);
        Assert.Contains(holds, error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{expression}'", error.Message, StringComparison.Ordinal);
    }
}
