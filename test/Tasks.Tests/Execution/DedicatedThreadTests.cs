using System.Collections.Concurrent;

namespace TasksBus.Tests.Execution;

/// <summary>Handlers on threads of their own.</summary>
public sealed class DedicatedThreadTests
{
    [Fact]
    public async Task Handlers_that_block_leave_the_thread_pool_alone()
    {
        const int Blocked = 64;
        using var end = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(Blocked);
        var threads = new ConcurrentBag<Thread>();
        var allBlocked = new TaskCompletionSource();
        await using var queue = await Start(Blocked, (Work _) =>
        {
            threads.Add(Thread.CurrentThread);
            if (blocked.Signal())
                allBlocked.SetResult();
            end.Wait(TaskQueueFixture.Patience);
        });

        var runs = await queue.Client.RunMany(Enumerable.Range(0, Blocked).Select(_ => new Work()));
        await allBlocked.Task.WaitAsync(TaskQueueFixture.Patience);

        Assert.All(threads, thread => Assert.False(thread.IsThreadPoolThread));
        Assert.All(threads, thread => Assert.StartsWith("TasksBus handler ", thread.Name, StringComparison.Ordinal));
        Assert.Equal(Blocked, threads.Distinct().Count());
        end.Set();
        foreach (var run in runs)
            Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
    }

    [Fact]
    public async Task What_follows_an_await_runs_on_the_thread_of_the_handler()
    {
        var threads = new ConcurrentQueue<Thread>();
        await using var queue = await Start(threads: 1, async (Work _) =>
        {
            threads.Enqueue(Thread.CurrentThread);
            await Task.Yield();
            threads.Enqueue(Thread.CurrentThread);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            threads.Enqueue(Thread.CurrentThread);
        });

        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));
        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal(6, threads.Count);
        Assert.Single(threads.Distinct());
    }

    [Fact]
    public async Task A_handler_runs_on_its_thread_although_a_filter_around_it_has_left_it()
    {
        Thread? seen = null;
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .AddFilter<Wanderer>()
            .AddTask((Work _) => { seen = Thread.CurrentThread; }, task => task.Execution = HandlerExecution.DedicatedThread));

        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.False(seen!.IsThreadPoolThread);
    }

    [Fact]
    public async Task No_more_attempts_run_than_there_are_threads_and_the_wait_for_one_counts_against_no_limit()
    {
        using var end = new SemaphoreSlim(0);
        var (running, most) = (0, 0);
        await using var queue = await Start(
            threads: 2,
            (Work _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                end.Wait(TaskQueueFixture.Patience);
                Interlocked.Decrement(ref running);
            },
            task => task.HardTimeLimit = TaskQueueFixture.Patience);

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 6).Select(_ => new Work()));
        end.Release(6);
        foreach (var run in runs)
            Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);

        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task A_run_that_is_revoked_while_it_waits_for_a_thread_never_starts()
    {
        using var end = new ManualResetEventSlim();
        var started = new TaskCompletionSource();
        var visitors = 0;
        await using var queue = await Start(threads: 1, (Work _) =>
        {
            Interlocked.Increment(ref visitors);
            started.TrySetResult();
            end.Wait(TaskQueueFixture.Patience);
        });
        await queue.Client.Run(new Work());
        await started.Task.WaitAsync(TaskQueueFixture.Patience);
        var waiting = await queue.Client.Run(new Work());
        await TaskQueueFixture.Until(waiting, TaskState.Running);

        await waiting.Revoke();

        Assert.Equal(TaskState.Revoked, (await TaskQueueFixture.EndOf(waiting)).State);
        Assert.Equal(1, visitors);
        end.Set();
    }

    [Fact]
    public async Task A_thread_whose_handler_was_left_behind_is_replaced()
    {
        using var end = new ManualResetEventSlim();
        var threads = new ConcurrentQueue<Thread>();
        await using var queue = await Start(
            threads: 1,
            (Ask task) =>
            {
                threads.Enqueue(Thread.CurrentThread);
                if (task.Question == "hang")
                    end.Wait(TaskQueueFixture.Patience);
                return "done";
            },
            task =>
            {
                task.Retry.MaxAttempts = 1;
                task.HardTimeLimit = TimeSpan.FromMilliseconds(100);
            });

        var hung = await TaskQueueFixture.EndOf(await queue.Client.Run(new Ask("hang")));
        var next = await TaskQueueFixture.EndOf(await queue.Client.Run(new Ask()));

        Assert.Equal((FailureKind.TimedOut, TaskState.Succeeded), (hung.FailureKind, next.State));
        Assert.Equal(2, threads.Distinct().Count());
        end.Set();
        Assert.True(threads.First().Join(TaskQueueFixture.Patience));
    }

    private static Task<TaskQueueFixture> Start(int threads, Delegate handler, Action<TaskOptions>? configure = null) => TaskQueueFixture.Start(queue => queue
        .Configure(options => (options.Execution, options.DedicatedThreads, options.Concurrency) = (HandlerExecution.DedicatedThread, threads, 64))
        .AddTask(handler, configure));

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); seen < now; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, now, seen);
    }

    private sealed class Wanderer : ITaskFilter
    {
        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System).ConfigureAwait(false);
            return await next().ConfigureAwait(false);
        }
    }
}
