using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;
using TasksBus.Schedules;

namespace TasksBus.Tests.Schedules;

/// <summary>What schedules do, wherever they are kept.</summary>
public abstract partial class ScheduleBehaviour
{
    /// <summary>Says what the task queue and its schedules stand on.</summary>
    protected abstract void UseServers(ITaskQueueBuilder queue);

    private Task<TaskQueueFixture> Start(Action<ITaskQueueBuilder> configure) => TaskQueueFixture.Start(queue =>
    {
        UseServers(queue);
        configure(queue);
    });

    [Fact]
    public async Task A_schedule_in_code_runs_its_task_at_its_instants_and_says_so_in_the_headers()
    {
        var runs = new ConcurrentQueue<(Guid Id, string Instant, DateTimeOffset At)>();
        await using var queue = await Start(queue => queue
            .AddTask((Work _, TaskContext context) => runs.Enqueue((context.RunId, context.Headers[ScheduleHeaders.Instant], TimeProvider.System.GetUtcNow())))
            .AddSchedule("often", new Work(), every: TimeSpan.FromMilliseconds(250)));

        // Runs go on side by side: a later one may be noted first.
        await Eventually(() => runs.Select(run => DateTimeOffset.Parse(run.Instant, null)).FollowEachOther(TimeSpan.FromMilliseconds(250), atLeast: 4));
        var schedule = await Schedules(queue).Get("often");

        Assert.All(runs, run => Assert.True(run.At >= DateTimeOffset.Parse(run.Instant, null)));
        Assert.All(schedule!.History, occurrence => Assert.Equal(OccurrenceResult.Submitted, occurrence.Result));
        Assert.Contains(schedule.History[0].RunId, runs.Select(run => run.Id));
    }

    [Fact]
    public async Task A_schedule_is_put_changed_paused_resumed_and_removed_while_it_runs()
    {
        var names = new ConcurrentQueue<string>();
        await using var queue = await Start(queue => queue.AddTask((Work work) => names.Enqueue(work.Name)).UseScheduling());
        var schedules = Schedules(queue);

        await schedules.Put(new TaskSchedule("live", new Work("first"), ScheduleRule.Every(TimeSpan.FromMilliseconds(100))));
        await Eventually(() => names.Contains("first"));
        await schedules.Put(new TaskSchedule("live", new Work("second"), ScheduleRule.Every(TimeSpan.FromMilliseconds(100))));
        await Eventually(() => names.Contains("second"));
        await schedules.Pause("live");
        var paused = await schedules.Get("live");
        await schedules.Resume("live");
        var before = (await schedules.Get("live"))!.History.Count;
        await Eventually(async () => (await schedules.Get("live"))!.History.Count > before);
        var next = await schedules.Next("live", 3);
        var removed = await schedules.Remove("live");

        Assert.True(paused is { IsPaused: true, NextAt: null });
        Assert.Equal(3, next.Count);
        Assert.True(removed);
        Assert.Null(await schedules.Get("live"));
        Assert.Empty(await schedules.List());
        Assert.False(await schedules.Remove("live"));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => schedules.Pause("live"));
    }

    [Fact]
    public async Task A_schedule_that_is_removed_while_an_occurrence_waits_and_put_again_has_none_that_waits()
    {
        var gate = new Gate();
        await using var queue = await StartOverlapping(OverlapRule.QueueOne, (_, token) => gate.Pass(token));
        var waiting = await EventuallySchedule(queue, schedule => schedule.WaitingSince is not null);

        await Schedules(queue).Remove("often");
        await Schedules(queue).Put(waiting.Schedule with { Rule = ScheduleRule.Cron("0 0 1 1 *") });
        var again = await Schedules(queue).Get("often");
        gate.Open();

        Assert.Null(again!.WaitingSince);
    }

    [Fact]
    public async Task A_schedule_that_a_clock_which_was_wrong_has_taken_a_day_ahead_goes_on_when_the_clock_is_right()
    {
        await using var queue = await Start(queue => queue.AddTask((Work _) => { }).AddSchedule("often", new Work(), Often, schedule => schedule with { History = 1_000 }));
        await EventuallySchedule(queue, schedule => schedule.History.Count >= 2);

        var ahead = await queue.Services.GetRequiredService<IScheduleStore>().Change(
            ScheduleIds.Of(ScheduleIds.Tasks, "often"), stored => stored!.Said(TimeProvider.System.GetUtcNow()) with { Through = stored.Through.AddDays(1) }, CancellationToken.None);

        await EventuallySchedule(queue, schedule => schedule.History.Count >= ahead!.History.Count + 3);
    }

    [Fact]
    public async Task A_schedule_is_run_now_and_shows_its_last_run()
    {
        await using var queue = await Start(queue => queue.AddTask((Add add) => add.X + add.Y).AddSchedule("yearly", new Add(2, 3), cron: "0 0 1 1 *"));
        await Eventually(async () => await Schedules(queue).Get("yearly"));

        var none = await Schedules(queue).LastRun("yearly");
        var run = await Schedules(queue).RunNow("yearly");
        var result = await run.Result<int>(TaskQueueFixture.Patience);

        Assert.Null(none);
        Assert.Equal(5, result);
        Assert.Equal(run.RunId, (await Schedules(queue).LastRun("yearly"))!.RunId);
        Assert.Equal(run.RunId, (await Schedules(queue).Get("yearly"))!.Last!.RunId);
    }

    private static ITaskSchedules Schedules(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskSchedules>();
}
