using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Testing;

namespace TasksBus.Tests.Schedules;

/// <summary>Schedules under the test harness, whose clock stands still until a test moves it.</summary>
public sealed class HarnessScheduleTests
{
    private static readonly DateTimeOffset Start = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task When_the_clock_is_moved_by_a_day_the_nightly_run_is_there()
    {
        await using var app = await StartWith(queue => queue.AddSchedule("nightly", new Work("report"), cron: "0 2 * * *"));

        await app.Harness.Advance(TimeSpan.FromDays(1));

        var run = Assert.Single(app.Harness.Submitted);
        Assert.Equal("2027-01-01T02:00:00.0000000Z", run.Headers[ScheduleHeaders.Instant]);
        Assert.Equal(TaskState.Succeeded, (await app.Harness.Client.Find(run.RunId).Snapshot()).State);
    }

    [Fact]
    public async Task A_schedule_on_weekdays_in_Berlin_runs_ten_times_in_two_weeks_with_the_options_of_its_runs()
    {
        await using var app = await StartWith(queue => queue.Configure(options => options.Queues.Add("reports")).AddSchedule(
            "weekdays", new Work("report"), cron: "0 8 * * mon-fri", schedule => schedule with
            {
                TimeZone = "Europe/Berlin",
                Options = new RunOptions { Queue = "reports", Priority = 7, ExpiresIn = TimeSpan.FromHours(6), Headers = new Dictionary<string, string> { ["tenant"] = "acme" } },
            }));

        await app.Harness.Advance(TimeSpan.FromDays(14));

        Assert.Equal(10, app.Harness.Submitted.Count);
        Assert.All(app.Harness.Submitted, run =>
        {
            Assert.Equal(("reports", 7, "acme", "weekdays"), (run.Queue, run.Priority, run.Headers["tenant"], run.Headers[ScheduleHeaders.Schedule]));
            Assert.Equal((7, 0), (run.SubmittedAt.Hour, run.SubmittedAt.Minute));
            Assert.Equal(run.SubmittedAt.AddHours(6), run.ExpiresAt);
        });
    }

    [Fact]
    public async Task A_workflow_comes_and_ends_when_the_clock_is_moved()
    {
        await using var app = await StartWith(queue => queue.AddSchedule("daily", Workflow.Chain(new Work("close")).Then(new Work("report")), cron: "0 6 * * *"));

        await app.Harness.Advance(TimeSpan.FromDays(2));

        Assert.Equal(WorkflowState.Succeeded, (await app.Schedules.LastWorkflow("daily"))!.State);
        Assert.Equal(2, (await app.Schedules.Get("daily"))!.History.Count);
    }

    [Fact]
    public async Task How_the_last_run_and_the_last_workflow_have_ended_stays_known_when_their_records_have_expired()
    {
        await using var app = await StartWith(queue => queue
            .AddTask(Task (Print _) => throw new InvalidOperationException("The printer is out of paper."), task => task.Retry.MaxAttempts = 1)
            .AddSchedule("yearly", new Print(), cron: "0 2 1 1 *")
            .AddSchedule("workflow", Workflow.Chain(new Work("close")), cron: "0 3 1 1 *"));

        await app.Harness.Advance(TimeSpan.FromDays(1));
        var fresh = await app.Schedules.LastOutcome("yearly");
        await app.Harness.Advance(TimeSpan.FromDays(30));

        var (run, workflow) = (await app.Schedules.LastOutcome("yearly"), await app.Schedules.LastOutcome("workflow"));
        Assert.Equal((null, null), (await app.Schedules.LastRun("yearly"), await app.Schedules.LastWorkflow("workflow")));
        Assert.Equal((TaskState.Failed, "The printer is out of paper.", Start.AddHours(2)), (run!.State, run.Error, run.EndedAt));
        Assert.Equal((run, TaskState.Succeeded), (fresh, workflow!.State));
    }

    [Fact]
    public async Task A_schedule_is_paused_resumed_and_changed_at_run_time()
    {
        await using var app = await StartWith(queue => queue.UseScheduling());
        await app.Schedules.Put(new TaskSchedule("hourly", new Work("one"), ScheduleRule.Cron("0 * * * *")));

        await app.Harness.Advance(TimeSpan.FromHours(2));
        await app.Schedules.Pause("hourly");
        await app.Harness.Advance(TimeSpan.FromHours(2));
        await app.Schedules.Resume("hourly");
        await app.Schedules.Put(new TaskSchedule("hourly", new Work("other"), ScheduleRule.Cron("30 * * * *")));
        await app.Harness.Advance(TimeSpan.FromHours(2));

        Assert.Equal(
            [("01:00", "one"), ("02:00", "one"), ("04:30", "other"), ("05:30", "other")],
            app.Harness.Submitted.Of<Work>().Select(run => (run.SubmittedAt.ToString("HH:mm", null), run.Arguments.Name)));
    }

    private static async Task<App> StartWith(Action<ITaskQueueBuilder> configure)
    {
        var services = new ServiceCollection()
            .AddTaskQueueTestHarness(queue =>
            {
                queue.AddTask((Work _) => { });
                configure(queue);
            })
            .BuildServiceProvider(validateScopes: true);
        var harness = services.GetRequiredService<ITaskQueueTestHarness>();
        harness.Clock.SetUtcNow(Start);
        await harness.Start();
        return new App(services, harness);
    }

    private sealed record App(ServiceProvider Services, ITaskQueueTestHarness Harness) : IAsyncDisposable
    {
        public ITaskSchedules Schedules => Services.GetRequiredService<ITaskSchedules>();

        public ValueTask DisposeAsync() => Services.DisposeAsync();
    }

    private sealed record Print : ITask;
}
