using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests;

/// <content>Steering runs.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task Revoking_many_runs_tells_what_happened_to_each()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .AddTask((Work _, CancellationToken token) => gate.Pass(token))
            .AddTask((Add task) => task.X + task.Y));
        var done = await queue.Client.Run(new Add(1, 2));
        await TaskQueueFixture.EndOf(done);
        var running = await queue.Client.Run(new Work());
        await gate.Entered;
        var waiting = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });
        var unknown = Guid.NewGuid();

        var answers = await Control(queue).Revoke([running.RunId, waiting.RunId, done.RunId, unknown], "no longer needed");

        Assert.Equal(
            [
                new RevokeAnswer(running.RunId, RevokeResult.Signalled),
                new RevokeAnswer(waiting.RunId, RevokeResult.Revoked),
                new RevokeAnswer(done.RunId, RevokeResult.AlreadyFinal),
                new RevokeAnswer(unknown, RevokeResult.NotFound),
            ],
            answers);
        Assert.Equal((TaskState.Revoked, "no longer needed"), ((await TaskQueueFixture.EndOf(running)).State, (await running.Snapshot()).RevokeReason));
    }

    [Fact]
    public async Task Runs_can_be_revoked_by_task_queue_header_and_key()
    {
        await using var queue = await Start(queue => queue.AddTask((Work _) => { }).AddTask((Add task) => task.X + task.Y, task => task.Queue = "sums"));
        var later = new RunOptions { Delay = TimeSpan.FromHours(1) };
        var acme = later with { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } };
        var work = await queue.Client.Run(new Work(), later);
        var sum = await queue.Client.Run(new Add(1, 2), later);
        var workOfAcme = await queue.Client.Run(new Work(), acme);
        var workUnderKey = await queue.Client.Run(new Work(), later with { LimitKey = "mega" });

        var ofAcme = await Control(queue).Revoke(new TaskQuery { Headers = acme.Headers });
        var ofKey = await Control(queue).Revoke(new TaskQuery { LimitKey = "mega" });
        var ofTask = await Control(queue).Revoke(new TaskQuery { TaskName = TaskName.Of(typeof(Work)) });
        var ofQueue = await Control(queue).Revoke(new TaskQuery { Queue = "sums" });

        Assert.Equal([new RevokeAnswer(workOfAcme.RunId, RevokeResult.Revoked)], ofAcme);
        Assert.Equal([new RevokeAnswer(workUnderKey.RunId, RevokeResult.Revoked)], ofKey);
        Assert.Equal([new RevokeAnswer(work.RunId, RevokeResult.Revoked)], ofTask);
        Assert.Equal([new RevokeAnswer(sum.RunId, RevokeResult.Revoked)], ofQueue);
    }

    [Fact]
    public async Task A_failed_run_can_be_started_over_with_other_arguments()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X > 0 ? task.X + task.Y : throw new RejectTaskException("X is not positive.")));
        var run = await queue.Client.Run(new Add(0, 2));
        await TaskQueueFixture.EndOf(run);

        var replayed = await Control(queue).Replay(run.RunId, new Add(1, 2));

        Assert.Equal(TaskState.Scheduled, replayed.State);
        Assert.Equal(3, await run.Result(TaskQueueFixture.Patience));
        var end = await run.Snapshot();
        Assert.Equal((TaskState.Succeeded, 1, 2, null), (end.State, end.Attempt, end.Attempts.Count, end.FailureKind));
    }

    [Fact]
    public async Task A_run_is_not_started_over_with_arguments_of_another_task()
    {
        await using var queue = await Start(queue => queue.AddTask(void (Work _) => throw new RejectTaskException("Broken.")).AddTask((Add task) => task.X + task.Y));
        var run = await queue.Client.Run(new Work());
        await TaskQueueFixture.EndOf(run);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => Control(queue).Replay(run.RunId, new Add(1, 2)));

        Assert.StartsWith($"Run {run.RunId} is of task 'TasksBus.Tests.Work', and these are arguments of task 'TasksBus.Tests.Add'.", error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.Failed, (await run.Snapshot()).State);
    }

    [Fact]
    public async Task A_failed_run_can_be_started_over_as_it_was()
    {
        var isBroken = true;
        await using var queue = await Start(queue => queue.AddTask((Add task) => isBroken ? throw new RejectTaskException("Broken.") : task.X + task.Y));
        var run = await queue.Client.Run(new Add(1, 2));
        await TaskQueueFixture.EndOf(run);

        isBroken = false;
        await Control(queue).Replay(run.RunId);

        Assert.Equal(3, await run.Result(TaskQueueFixture.Patience));
        Assert.Equal(2, (await run.Snapshot()).Attempts.Count);
    }

    [Fact]
    public async Task Failed_runs_are_started_over_no_faster_than_asked()
    {
        await using var queue = await Start(queue => queue.AddTask(void (Work _) => throw new RejectTaskException("Broken.")));
        var runs = await queue.Client.RunMany(Enumerable.Range(0, 4).Select(_ => new Work()));
        foreach (var run in runs)
            await TaskQueueFixture.EndOf(run);

        await Control(queue).Replay(new TaskQuery(), perSecond: 0.01);

        var later = await Task.WhenAll(runs.Select(run => run.Snapshot()));
        var due = later.Where(run => run.State == TaskState.Scheduled).Select(run => run.NotBefore!.Value).Order().ToList();
        Assert.InRange(due.Count, 3, 4);
        Assert.All(due.Zip(due.Skip(1)), pair => Assert.Equal(TimeSpan.FromSeconds(100), pair.Second - pair.First));
    }

    [Fact]
    public async Task Failed_runs_are_started_over_no_faster_than_asked_although_some_of_very_many_cannot_be()
    {
        await using var queue = await Start(queue => queue
            .AddTask(void (Work _) => throw new RejectTaskException("Broken."))
            .AddTask(int (Add _) => throw new RejectTaskException("Broken."), task => task.KeepArguments = false));
        var runs = await queue.Client.RunMany(Enumerable.Range(0, 540).Select(index => (ITask)(index % 2 == 0 ? new Work() : new Add(index, 1))));
        foreach (var run in runs)
            await TaskQueueFixture.EndOf(run);

        var replayed = await Control(queue).Replay(new TaskQuery(), perSecond: 0.01);

        var later = await Task.WhenAll(runs.Select(run => run.Snapshot()));
        var due = later.Where(run => run.State == TaskState.Scheduled).Select(run => run.NotBefore!.Value).Order().ToList();
        Assert.Equal(270, replayed);
        Assert.InRange(due.Count, 269, 270);
        Assert.All(due.Zip(due.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(100), $"{pair}"));
    }

    [Fact]
    public async Task What_is_not_final_or_has_succeeded_or_is_unknown_cannot_be_started_over()
    {
        await using var queue = await Start(queue => queue.AddTask((Add task) => task.X + task.Y));
        var done = await queue.Client.Run(new Add(1, 2));
        await TaskQueueFixture.EndOf(done);
        var waiting = await queue.Client.Run(new Add(1, 2), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var succeeded = await Assert.ThrowsAsync<InvalidOperationException>(() => Control(queue).Replay(done.RunId));
        var scheduled = await Assert.ThrowsAsync<InvalidOperationException>(() => Control(queue).Replay(waiting.RunId));

        Assert.Contains("is Succeeded: only what failed", succeeded.Message, StringComparison.Ordinal);
        Assert.Contains("is Scheduled: only what failed", scheduled.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TaskNotFoundException>(() => Control(queue).Replay(Guid.NewGuid()));
    }

    [Fact]
    public async Task Failed_runs_are_grouped_started_over_by_query_and_discarded()
    {
        var isBroken = true;
        await using var queue = await Start(queue => queue
            .AddTask((Add task) => isBroken ? throw new RejectTaskException("Broken.") : task.X + task.Y)
            .AddTask(void (Work _) => throw new InvalidOperationException("Broken, too."), task => task.Retry.MaxAttempts = 1));
        var sums = await queue.Client.RunMany([new Add(1, 1), new Add(2, 2), new Add(3, 3)]);
        var work = await queue.Client.Run(new Work());
        foreach (var run in sums.Append(work))
            await TaskQueueFixture.EndOf(run);

        var groups = await Control(queue).Failures();
        isBroken = false;
        var replayed = await Control(queue).Replay(new TaskQuery { ErrorType = typeof(RejectTaskException).FullName }, perSecond: 100);
        foreach (var run in sums)
            await run.Result(TaskQueueFixture.Patience);
        var discarded = await Control(queue).Discard(new TaskQuery { FailureKind = FailureKind.HandlerError });

        Assert.Equal(
            [(TaskName.Of(typeof(Add)), FailureKind.Rejected, 3), (TaskName.Of(typeof(Work)), FailureKind.HandlerError, 1)],
            groups.Select(group => (group.TaskName, group.Kind!.Value, group.Count)));
        Assert.Equal((3, 1), (replayed, discarded));
        Assert.Equal(TaskState.NotFound, (await work.Snapshot()).State);
    }

    private static ITaskControl Control(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskControl>();
}
