namespace TasksBus.Tests.Execution;

/// <summary>Handlers of which no two may run at once.</summary>
public sealed class OneAtATimeTests
{
    [Fact]
    public async Task One_attempt_runs_at_a_time_whatever_its_task()
    {
        var running = 0;
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .Configure(options => options.Execution = HandlerExecution.OneAtATime)
            .AddTask((Work _) => Step(0))
            .AddTask((Add task) => Step(task.X + task.Y)));

        var works = await queue.Client.RunMany(Enumerable.Range(0, 5).Select(_ => new Work()));
        var sums = await queue.Client.RunMany(Enumerable.Range(0, 5).Select(x => new Add(x, x)));

        foreach (var run in works.Concat(sums))
            Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);

        async Task<int> Step(int result)
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Assert.Equal(0, Interlocked.Decrement(ref running));
            return result;
        }
    }

    [Fact]
    public async Task The_turn_of_a_handler_that_was_left_behind_goes_to_the_next()
    {
        var gate = new Gate();
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask(
            (Work task) => task.Name == "hang" ? gate.Pass() : Task.CompletedTask,
            task => (task.Execution, task.HardTimeLimit, task.Retry.MaxAttempts) = (HandlerExecution.OneAtATime, TimeSpan.FromMilliseconds(100), 1)));

        var hung = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work("hang")));
        var next = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal((FailureKind.TimedOut, TaskState.Succeeded), (hung.FailureKind, next.State));
        gate.Open();
    }
}
