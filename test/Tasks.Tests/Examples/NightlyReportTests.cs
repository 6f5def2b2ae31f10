using System.Text.RegularExpressions;

namespace TasksBus.Tests.Examples;

public sealed class NightlyReportTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_schedule_of_its_configuration_is_shown_and_changed_at_run_time()
    {
        await using var program = RunningProgram.DotnetWithInput(Repository.Example("NightlyReport"));

        var configured = await program.Line(line => line.StartsWith("nightly-report: ", StringComparison.Ordinal), Deadline);
        await program.Type("cron 61 * * * *");
        var refused = await program.Line(line => line.Contains("minute is '61'", StringComparison.Ordinal), Deadline);
        await program.Type("every 0.2");
        var changed = await program.Line(line => line.StartsWith("nightly-report: ", StringComparison.Ordinal), Deadline);
        var first = await program.Line(IsReport, Deadline);
        var second = await program.Line(IsReport, Deadline);
        await program.Type("pause");
        await program.Type("now");
        await program.Line(line => line == "Result: sales.pdf", Deadline);
        await program.Type("show");
        var paused = await program.Line(line => line.StartsWith("nightly-report: ", StringComparison.Ordinal), Deadline);
        await program.Type("quit");
        var end = await program.End(Deadline);

        Assert.Matches(@"CronRule \{ Expression = 30 2 \* \* \* \} in Europe/Berlin; last: $", configured);
        Assert.Contains("It may hold *, 0 to 59", refused, StringComparison.Ordinal);
        Assert.Contains("IntervalRule { Interval = 00:00:00.2000000 }", changed, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
        Assert.Contains(", paused; last: 2", paused, StringComparison.Ordinal);
        Assert.Equal((0, ""), (end.Code, end.Errors));
    }

    private static bool IsReport(string line) => Regex.IsMatch(line, "^Report of sales for 20.*Z$", RegexOptions.None, Deadline);
}
