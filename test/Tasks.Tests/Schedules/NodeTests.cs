using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Schedules;

/// <summary>Several scheduler nodes on real servers; what happens when one is killed is among the fault tests.</summary>
public sealed class NodeTests : IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<string> _runs = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => RealServers.DeleteQueues(_prefix, "tasks");

    [Fact]
    public async Task Of_several_nodes_one_acts_and_when_it_stops_another_goes_on_without_losing_or_doubling_anything()
    {
        await using var worker = await Start(isNode: false, isWorker: true);
        var first = await Start();
        await using var second = await Start();
        await Schedules(worker).Put(new TaskSchedule("often", new Work(), ScheduleRule.Every(TimeSpan.FromMilliseconds(200))));
        await Until(count: 5);

        await first.DisposeAsync();
        var before = _runs.Count;

        // Runs go on side by side: a later one may be noted first.
        await Eventually(() => _runs.Select(RuleData.Instant).FollowEachOther(TimeSpan.FromMilliseconds(200), atLeast: before + 10));
    }

    [Fact]
    public async Task Schedules_and_their_history_outlive_every_process_and_a_declaration_does_not_undo_what_was_said_of_it()
    {
        await using (var before = await Start(declare: "0 3 * * *"))
        {
            await Eventually(async () => await Schedules(before).Get("declared") is not null);
            await Schedules(before).Put((await Schedules(before).Get("declared"))!.Schedule with { Rule = ScheduleRule.Cron("0 4 * * *") });
            await Schedules(before).RunNow("declared");
            await Schedules(before).Pause("declared");
        }

        await using var same = await Start(declare: "0 3 * * *");
        var kept = await Schedules(same).Get("declared");
        await using var other = await Start(declare: "0 5 * * *");
        await Eventually(async () => (await Schedules(same).Get("declared"))!.Schedule.Rule == ScheduleRule.Cron("0 5 * * *"));
        await Schedules(same).Remove("declared");
        await using var again = await Start(declare: "0 5 * * *");

        Assert.Equal(ScheduleRule.Cron("0 4 * * *"), kept!.Schedule.Rule);
        Assert.True(kept.IsPaused);
        Assert.Single(kept.History);
        Assert.Null(await Schedules(again).Get("declared"));
    }

    private Task<TaskQueueFixture> Start(bool isNode = true, bool isWorker = false, string? declare = null) => TaskQueueFixture.Start(queue =>
    {
        RealServers.Use(queue);
        queue.Configure(options => (options.Prefix, options.IsWorker) = (_prefix, isWorker));
        queue.AddTask((Work _, TaskContext context) => _runs.Enqueue(context.Headers[ScheduleHeaders.Instant]));
        queue.UseScheduling(options => options.IsNode = isNode);
        if (declare is not null)
            queue.AddSchedule("declared", new Work(), declare);
    });

    private static ITaskSchedules Schedules(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskSchedules>();

    private Task Until(int count) => Eventually(() => _runs.Count >= count);
}
