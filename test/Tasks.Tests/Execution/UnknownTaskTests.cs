using TasksBus.Configuration;
using TasksBus.Tests.Servers;
using TasksBus.Tests.Tracking;

namespace TasksBus.Tests.Execution;

/// <summary>Workers of two versions read one queue.</summary>
public class UnknownTaskTests
{
    [Fact]
    public async Task A_run_that_an_old_worker_does_not_know_is_run_by_a_new_one()
    {
        var prefix = $"test-{Guid.NewGuid():N}";
        await using var old = await Start(prefix, queue => queue.AddTask((Work _) => { }));
        var run = await old.Client.Run(TaskName.Of(typeof(Add)), new { X = 1, Y = 2 }, new RunOptions { Queue = "tasks" });
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await run.Snapshot(patience.Token)).Version < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        var waiting = await run.Snapshot();

        await using var @new = await Start(prefix, queue => queue.AddTask((Add task) => task.X + task.Y));
        await old.Stop();

        Assert.Equal(TaskState.Pending, waiting.State);
        Assert.Equal(3, await run.Result<int>(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_run_that_nobody_knows_has_waited_long_enough_after_the_patience()
    {
        var run = new TrackedRun();
        await run.Submit();

        var first = await run.MissHandler();
        run.Clock.Advance(TimeSpan.FromSeconds(59));
        var inTime = await run.MissHandler();
        run.Clock.Advance(TimeSpan.FromSeconds(1));
        var late = await run.MissHandler();

        Assert.Equal((true, true, false), (first, inTime, late));
    }

    private static Task<TaskQueueFixture> Start(string prefix, Action<ITaskQueueBuilder> configure) => TaskQueueFixture.Start(queue =>
    {
        RealServers.Use(queue);
        queue.Configure(options => (options.Prefix, options.UnknownTaskPatience) = (prefix, TimeSpan.FromMinutes(1)));
        configure(queue);
    });
}
