using System.Runtime.CompilerServices;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Tests.Examples;

/// <summary>The code of the README about schedules; it stands below as it stands there.</summary>
public sealed class ReadmeScheduleTests
{
    [Fact]
    public async Task Schedules_are_declared_and_changed_as_it_says()
    {
        await using var app = await TaskQueueFixture.Start(queue =>
        {
            queue.Configure(options => options.Queues.Add("reports")).AddTask((Report report) => report.Of).AddTask((Poll _) => { }).AddTask((Send _) => { });
            queue.AddSchedule("nightly-report", new Report("all"), cron: "30 2 * * *", schedule => schedule with
            {
                TimeZone = "Europe/Berlin",
                Missed = MissedRule.RunOnce,        // or RunAll, or Skip: what came while no node was up
                Overlap = OverlapRule.Skip,         // or Allow, QueueOne, RevokePrevious: while the run before goes on
                Options = new RunOptions { ExpiresIn = TimeSpan.FromHours(6) },
            });
            queue.AddSchedule("month-end", new Report("month"), ScheduleRule.Calendar(CalendarUnit.Month, new TimeOnly(18, 0), CalendarDay.Last(CalendarDayKind.Weekday)));
            queue.AddSchedule("poll", new Poll(), every: TimeSpan.FromSeconds(10));
            queue.AddSchedule("weekly", Workflow.Chain(new Report("week")).Then(report => new Send(report)), cron: "0 6 * * mon");      // a workflow, in place of a task
        });
        var schedules = app.Services.GetRequiredService<ITaskSchedules>();

        await schedules.Put(new TaskSchedule("lights", new Poll(), ScheduleRule.Solar(SolarEvent.Sunset, 52.5, 13.4)));
        await schedules.Pause("poll");
        IReadOnlyList<DateTimeOffset> next = await schedules.Next("nightly-report", 5);
        TaskHandle run = await schedules.RunNow("nightly-report");

        Assert.Equal(["lights", "month-end", "nightly-report", "poll", "weekly"], (await schedules.List()).Select(schedule => schedule.Schedule.Name));
        Assert.Equal(5, next.Count);
        Assert.Equal("all", await run.Result<string>(TaskQueueFixture.Patience));
        Assert.Equal(WorkflowState.Succeeded, (await (await schedules.RunWorkflowNow("weekly")).Completion(TaskQueueFixture.Patience)).State);
    }

    [Fact]
    public void Its_code_is_the_code_above()
    {
        var above = File.ReadAllLines(ThisFile()).Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        var blocks = Repository.ReadmeBlocks("csharp").Where(code => code.Contains("AddSchedule(", StringComparison.Ordinal) || code.Contains("schedules.Put(", StringComparison.Ordinal)).ToList();

        Assert.Equal(2, blocks.Count);
        Assert.All(blocks.SelectMany(code => code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), line => Assert.Contains(line, above));
    }

    [Fact]
    public void The_scheduling_README_names_every_key_of_the_configuration_and_every_value_of_those_that_choose()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "src", "Tasks.Scheduling", "README.md"));
        Type[] sections = [typeof(ScheduleSettings), typeof(CalendarSettings), typeof(SolarSettings), typeof(ExcludedSettings)];
        Type[] choices = [typeof(SolarEvent), typeof(CalendarUnit), typeof(MissedRule), typeof(OverlapRule)];

        var names = sections.SelectMany(section => section.GetProperties().Select(property => property.Name)).Concat(choices.SelectMany(Enum.GetNames));

        Assert.All(names, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    public sealed record Report(string Of) : ITask<string>;

    public sealed record Poll : ITask;

    public sealed record Send(string Text) : ITask;
}
