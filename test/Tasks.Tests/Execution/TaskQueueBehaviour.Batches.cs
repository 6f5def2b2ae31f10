using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests;

/// <content>Handlers that take many runs in one call.</content>
public abstract partial class TaskQueueBehaviour
{
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Runs_that_come_in_together_are_handed_over_in_one_call()
    {
        var calls = new Calls();
        await using var queue = await StartBatches(calls, size: 3, window: Never);

        var runs = await queue.Client.RunMany([new Work("a"), new Work("b"), new Work("c")]);

        foreach (var run in runs)
            Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(run));
        Assert.Equal(["a", "b", "c"], Assert.Single(calls.Names).Order());
    }

    [Fact]
    public async Task A_batch_that_is_not_full_is_handed_over_after_its_window()
    {
        var calls = new Calls();
        await using var queue = await StartBatches(calls, size: 10, window: Soon, task => task.TimeLimit = Soon / 2);

        var run = await queue.Client.Run(new Work("alone"));

        Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(run));
        Assert.Equal(["alone"], Assert.Single(calls.Names));
    }

    [Fact]
    public async Task Each_run_of_a_batch_has_an_outcome_of_its_own()
    {
        var calls = new Calls
        {
            Handle = items =>
            {
                foreach (var item in items.Where(item => item.Arguments.Name == "bad"))
                    item.Fail(new RejectTaskException("Bad."));
                foreach (var item in items.Where(item => item.Arguments.Name == "late" && item.Context.Attempt == 1))
                    item.Fail(new InvalidOperationException("Not yet."));
                return Task.CompletedTask;
            },
        };
        await using var queue = await StartBatches(calls, size: 3, window: Soon);

        var runs = await queue.Client.RunMany([new Work("good"), new Work("bad"), new Work("late")]);

        Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(runs[0]));
        Assert.Equal((TaskState.Failed, 1), await StateAndAttempt(runs[1]));
        Assert.Equal((TaskState.Succeeded, 2), await StateAndAttempt(runs[2]));
    }

    [Fact]
    public async Task An_outcome_is_recorded_while_the_rest_of_its_batch_still_runs()
    {
        var gate = new Gate();
        var calls = new Calls
        {
            Handle = async items =>
            {
                items.Single(item => item.Arguments.Name == "quick").Succeed();
                await gate.Pass();
            },
        };
        await using var queue = await StartBatches(calls, size: 2, window: Never);

        var runs = await queue.Client.RunMany([new Work("slow"), new Work("quick")]);

        Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(runs[1]));
        Assert.Equal(TaskState.Running, (await runs[0].Snapshot()).State);
        gate.Open();
        Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(runs[0]));
    }

    [Fact]
    public async Task What_a_batch_handler_throws_fails_every_run_that_has_no_outcome_yet()
    {
        var calls = new Calls
        {
            Handle = items =>
            {
                items.Single(item => item.Arguments.Name == "first").Succeed();
                throw new RejectTaskException("The rest is bad.");
            },
        };
        await using var queue = await StartBatches(calls, size: 2, window: Never);

        var runs = await queue.Client.RunMany([new Work("first"), new Work("second")]);

        Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(runs[0]));
        Assert.Equal("The rest is bad.", (await TaskQueueFixture.EndOf(runs[1])).Error?.Message);
    }

    [Fact]
    public async Task A_run_that_is_revoked_while_its_batch_gathers_leaves_it()
    {
        var calls = new Calls();
        await using var queue = await StartBatches(calls, size: 2, window: Never);
        var revoked = await queue.Client.Run(new Work("revoked"));
        await TaskQueueFixture.Until(revoked, TaskState.Running);

        await revoked.Revoke();
        Assert.Equal((TaskState.Revoked, 1), await StateAndAttempt(revoked));
        var runs = await queue.Client.RunMany([new Work("a"), new Work("b")]);

        foreach (var run in runs)
            Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(run));
        Assert.Equal(["a", "b"], Assert.Single(calls.Names).Order());
    }

    [Fact]
    public async Task A_run_that_is_revoked_in_its_batch_has_its_own_token_cancelled()
    {
        var gate = new Gate();
        var calls = new Calls
        {
            Handle = async items =>
            {
                var item = items.Single(item => item.Arguments.Name == "revoked");
                try
                {
                    await gate.Pass(item.Context.CancellationToken);
                }
                catch (OperationCanceledException exception)
                {
                    item.Fail(exception);
                }
            },
        };
        await using var queue = await StartBatches(calls, size: 2, window: Never);
        var runs = await queue.Client.RunMany([new Work("revoked"), new Work("other")]);
        await gate.Entered;

        await runs[0].Revoke();

        Assert.Equal((TaskState.Revoked, 1), await StateAndAttempt(runs[0]));
        Assert.Equal((TaskState.Succeeded, 1), await StateAndAttempt(runs[1]));
    }

    [Fact]
    public async Task A_batch_handler_that_ignores_its_time_limit_is_left_behind_with_all_its_runs()
    {
        var gate = new Gate();
        var calls = new Calls { Handle = _ => gate.Pass() };
        await using var queue = await StartBatches(calls, size: 2, window: Never, Limited(task => (task.HardTimeLimit, task.Retry.MaxAttempts) = (Soon, 1)));

        var runs = await queue.Client.RunMany([new Work("a"), new Work("b")]);

        foreach (var run in runs)
            Assert.Equal(FailureKind.TimedOut, (await TaskQueueFixture.EndOf(run)).FailureKind);
        gate.Open();
    }

    [Fact]
    public async Task A_batch_handler_gives_each_run_its_result_and_one_without_has_failed()
    {
        await using var queue = await Start(queue => queue.AddTask<AddMany>(Batched(size: 2, window: Never, task => task.Retry.MaxAttempts = 1)));

        var runs = await queue.Client.RunMany([new Add(1, 2), new Add(-1, 2)]);

        Assert.Equal(3, await runs[0].Result(TaskQueueFixture.Patience));
        var failed = await TaskQueueFixture.EndOf(runs[1]);
        Assert.Contains($"returned without a result for run {failed.RunId}", failed.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_is_around_each_run_of_a_batch()
    {
        var calls = new Calls();
        var steps = new Steps();
        await using var queue = await Start(
            queue => queue.AddFilter<First>().AddTask<Gatherer>(Batched(size: 2, window: Never)),
            services => services.AddSingleton(calls).AddSingleton(steps));

        foreach (var run in await queue.Client.RunMany([new Work("a"), new Work("b")]))
            await TaskQueueFixture.EndOf(run);

        Assert.Equal(["First", "First", "after First", "after First"], steps.Taken);
    }

    [Fact]
    public async Task One_run_that_works_through_many_items_of_a_batch_task_brings_one_after_the_other()
    {
        await using var queue = await Start(queue => queue.AddTask<AddMany>(Batched(size: 2, window: TimeSpan.FromMilliseconds(20))));

        var workflow = await queue.Client.Run(Workflow.Map([1, 2], number => new Add(number, 1)));

        Assert.Equal([2, 3], await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_filter_may_call_a_batch_task_once_more()
    {
        var calls = new Calls { Handle = _ => throw new InvalidOperationException("Not yet.") };
        await using var queue = await Start(
            queue => queue.AddFilter<Again>().AddTask<Gatherer>(Batched(size: 2, window: TimeSpan.FromMilliseconds(20), task => task.Retry.MaxAttempts = 1)),
            services => services.AddSingleton(calls));

        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work("a")));

        Assert.Equal(2, calls.Names.Count());
    }

    private static async Task<(TaskState State, int Attempt)> StateAndAttempt(TaskHandle run)
    {
        var end = await TaskQueueFixture.EndOf(run);
        return (end.State, end.Attempt);
    }

    private static Action<TaskOptions> Batched(int size, TimeSpan window, Action<TaskOptions>? configure = null) => task =>
    {
        RetryQuickly(task);
        (task.Batch.Size, task.Batch.Window) = (size, window);
        configure?.Invoke(task);
    };

    private Task<TaskQueueFixture> StartBatches(Calls calls, int size, TimeSpan window, Action<TaskOptions>? configure = null) => Start(
        queue => queue.AddTask<Gatherer>(Batched(size, window, configure)),
        services => services.AddSingleton(calls));

    private sealed class Calls
    {
        private readonly ConcurrentQueue<IReadOnlyList<string>> _names = new();

        public Func<IReadOnlyList<TaskBatchItem<Work>>, Task> Handle { get; init; } = _ => Task.CompletedTask;

        public IEnumerable<IReadOnlyList<string>> Names => _names;

        public Task Add(IReadOnlyList<TaskBatchItem<Work>> items)
        {
            _names.Enqueue([.. items.Select(item => item.Arguments.Name)]);
            return Handle(items);
        }
    }

    private sealed class Again : ITaskFilter
    {
        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            try
            {
                return await next();
            }
            catch (InvalidOperationException)
            {
                return await next();
            }
        }
    }

    private sealed class Gatherer(Calls calls) : ITaskBatchHandler<Work>
    {
        public Task Run(IReadOnlyList<TaskBatchItem<Work>> items, CancellationToken cancellationToken) => calls.Add(items);
    }

    private sealed class AddMany : ITaskBatchHandler<Add, int>
    {
        public Task Run(IReadOnlyList<TaskBatchItem<Add, int>> items, CancellationToken cancellationToken)
        {
            foreach (var item in items.Where(item => item.Arguments.X > 0))
                item.Succeed(item.Arguments.X + item.Arguments.Y);
            return Task.CompletedTask;
        }
    }
}
