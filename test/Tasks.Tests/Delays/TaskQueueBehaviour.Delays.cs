using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tracking;

namespace TasksBus.Tests;

/// <content>Runs that wait for an instant, and runs that must not start too late.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_delayed_run_waits_for_its_instant()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);

        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromSeconds(5) });

        var waiting = await run.Snapshot();
        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Scheduled, TaskState.Succeeded), (waiting.State, end.State));
        Assert.Equal(waiting.SubmittedAt + TimeSpan.FromSeconds(5), waiting.NotBefore);
        Assert.True(end.StartedAt >= end.NotBefore, $"It started at {end.StartedAt:O}, before {end.NotBefore:O}.");
    }

    [Fact]
    public async Task A_run_can_be_given_the_instant_before_which_it_does_not_start()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var instant = TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(300);

        var run = await queue.Client.Run(new Work(), new RunOptions { NotBefore = instant });

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal(instant, end.NotBefore);
        Assert.True(end.StartedAt >= instant, $"It started at {end.StartedAt:O}, before {instant:O}.");
    }

    [Fact]
    public async Task An_instant_in_the_past_is_at_once()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);

        var run = await queue.Client.Run(new Work(), new RunOptions { NotBefore = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(1) });

        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
    }

    [Fact]
    public async Task No_delay_is_at_once()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);

        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.Zero });

        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
    }

    [Fact]
    public async Task A_delayed_run_that_comes_later_but_is_due_sooner_starts_sooner()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var late = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var soon = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromMilliseconds(50) });

        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(soon)).State);
        Assert.Equal(TaskState.Scheduled, (await late.Snapshot()).State);
    }

    [Fact]
    public async Task Many_delayed_runs_all_start()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 250).Select(_ => new Work()), new RunOptions { Delay = TimeSpan.FromMilliseconds(50) });

        var ends = await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));
        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempt)));
    }

    [Fact]
    public async Task A_delayed_run_with_the_id_of_one_that_waits_is_the_same_run()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var id = Guid.NewGuid();

        var first = await queue.Client.Run(new Work(), new RunOptions { RunId = id, Delay = TimeSpan.FromHours(1) });
        await queue.Client.Run(new Work(), new RunOptions { RunId = id, Delay = TimeSpan.FromHours(2) });

        var waiting = await first.Snapshot();
        Assert.Equal(TimeSpan.FromHours(1), waiting.NotBefore - waiting.SubmittedAt);
    }

    [Fact]
    public async Task Revoking_a_delayed_run_takes_it_out_of_the_store_at_once()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var run = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var end = await run.Revoke();

        var inTwoHours = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(2);
        var due = await queue.Services.GetRequiredService<ISagaStores>().Of("run").TakeDue(inTwoHours, hiddenFor: TimeSpan.FromSeconds(1), limit: 10);
        Assert.Equal((TaskState.Revoked, 0), (end.State, end.Attempt));
        Assert.Equal((0, null), (due.Sagas.Count, due.NextAt));
    }

    [Fact]
    public async Task A_run_that_waits_in_its_queue_expires_at_its_time()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => options.Concurrency = 1)
            .AddTask((Work _) => gate.Pass(), task => task.ExpiresIn = TimeSpan.FromMilliseconds(150)));
        var first = await queue.Client.Run(new Work(), new RunOptions { ExpiresIn = TimeSpan.FromHours(1) });
        await gate.Entered;

        var second = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(second);
        gate.Open();
        Assert.Equal((TaskState.Expired, 0), (end.State, end.Attempt));
        Assert.True(end.FinishedAt >= end.ExpiresAt, "It expired too early.");
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(first)).State);
    }

    [Fact]
    public async Task Delays_and_expiries_that_contradict_each_other_are_refused()
    {
        await using var queue = await StartWork(_ => Task.CompletedTask);
        var now = TimeProvider.System.GetUtcNow();
        var hour = TimeSpan.FromHours(1);

        await Refuses(new RunOptions { Delay = -hour }, nameof(RunOptions.Delay), "-01:00:00", "Give 0 or more");
        await Refuses(new RunOptions { Delay = hour, NotBefore = now + hour }, nameof(RunOptions.Delay), nameof(RunOptions.NotBefore), "Give one of them");
        await Refuses(new RunOptions { ExpiresIn = hour, ExpiresAt = now + hour }, nameof(RunOptions.ExpiresIn), nameof(RunOptions.ExpiresAt), "Give one of them");
        await Refuses(new RunOptions { ExpiresIn = TimeSpan.Zero }, "would expire", "not later than now", "Give it time to start");
        await Refuses(new RunOptions { ExpiresAt = now - hour }, "would expire", $"{now - hour:O}", "Give it time to start");
        await Refuses(new RunOptions { Delay = 2 * hour, ExpiresIn = hour }, "would expire", "before it may start", "expire later, or start sooner");
        await Refuses(new RunOptions { Delay = TimeSpan.MaxValue }, nameof(RunOptions.Delay), $"{TimeSpan.MaxValue}");
        await Refuses(new RunOptions { ExpiresIn = TimeSpan.MaxValue }, nameof(RunOptions.ExpiresIn), $"{TimeSpan.MaxValue}");

        async Task Refuses(RunOptions options, params string[] parts)
        {
            var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => queue.Client.Run(new Work(), options));
            Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }
    }
}
