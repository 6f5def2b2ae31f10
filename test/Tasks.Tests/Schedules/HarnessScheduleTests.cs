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
}
