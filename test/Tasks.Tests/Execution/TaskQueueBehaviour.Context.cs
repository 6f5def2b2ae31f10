using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using TasksBus.Tests.Execution;

namespace TasksBus.Tests;

/// <content>What a handler knows of its attempt.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_handler_knows_its_run()
    {
        TaskContext? seen = null;
        await using var queue = await Start(queue => queue
            .Configure(options => options.WorkerName = "anna")
            .AddTask(
                (Work _, TaskContext context) => { seen = context; },
                task =>
                {
                    task.Queue = "images";
                    task.Name = "tidy";
                    task.Retry.MaxAttempts = 7;
                }));

        var run = await queue.Client.Run(new Work(), new RunOptions { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } });

        var end = await TaskQueueFixture.EndOf(run);
        Assert.NotNull(seen);
        Assert.Equal((run.RunId, "tidy", "images", "anna"), (seen.RunId, seen.TaskName, seen.Queue, seen.Worker));
        Assert.Equal((1, 7, 1), (seen.Attempt, seen.MaxAttempts, seen.FencingToken));
        Assert.Equal("acme", Assert.Single(seen.Headers).Value);
        Assert.Equal(end.SubmittedAt, seen.SubmittedAt);
    }

    [Fact]
    public async Task A_run_without_headers_has_none()
    {
        TaskContext? seen = null;
        await using var queue = await Start(queue => queue.AddTask((Work _, TaskContext context) => { seen = context; }));

        var run = await queue.Client.Run(new Work());

        Assert.Empty((await TaskQueueFixture.EndOf(run)).Headers);
        Assert.Empty(seen!.Headers);
    }

    [Fact]
    public async Task The_fencing_token_grows_from_attempt_to_attempt()
    {
        var tokens = new ConcurrentQueue<long>();
        await using var queue = await StartWork(
            context =>
            {
                tokens.Enqueue(context.FencingToken);
                return context.Attempt < 3 ? throw new InvalidOperationException("Torn.") : Task.CompletedTask;
            },
            RetryQuickly);

        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal(tokens.Order().Distinct(), tokens);
        Assert.Equal(3, tokens.Count);
    }

    [Fact]
    public async Task Headers_reach_every_attempt()
    {
        var headers = new ConcurrentQueue<string>();
        await using var queue = await StartWork(
            context =>
            {
                headers.Enqueue(context.Headers["tenant"]);
                return context.Attempt < 2 ? throw new InvalidOperationException("Torn.") : Task.CompletedTask;
            },
            RetryQuickly);

        var run = await queue.Client.Run(new Work(), new RunOptions { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } });

        Assert.Equal("acme", (await TaskQueueFixture.EndOf(run)).Headers["tenant"]);
        Assert.Equal(["acme", "acme"], headers);
    }

    [Fact]
    public async Task Everything_that_is_logged_meanwhile_carries_the_run()
    {
        var logs = new LogCapture();
        await using var queue = await Start(
            queue => queue.AddTask((Work _, ILogger<Gate> log) => log.LogInformation("Tidying up")),
            services => services.AddLogging(logging => logging.AddProvider(logs)));

        var run = await queue.Client.Run(new Work());

        await TaskQueueFixture.EndOf(run);
        var line = Assert.Single(logs.Lines, line => line.Message == "Tidying up");
        Assert.Equal(run.RunId, line.Scope["RunId"]);
        Assert.Equal(TaskName.Of(typeof(Work)), line.Scope["TaskName"]);
        Assert.Equal(1, line.Scope["Attempt"]);
    }

    [Fact]
    public async Task The_token_is_cancelled_when_the_worker_stops_and_the_attempt_does_not_count()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(50))
            .AddTask((Work _, CancellationToken cancellationToken) => gate.Pass(cancellationToken)));
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        await queue.Stop();

        var released = await run.Snapshot();
        Assert.Equal((TaskState.Pending, 0), (released.State, released.Attempt));
        Assert.NotNull(Assert.Single(released.Attempts).EndedAt);
    }

    [Fact]
    public async Task The_token_is_cancelled_when_the_run_is_revoked()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask((Work _, CancellationToken cancellationToken) => gate.Pass(cancellationToken)));
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        await run.Revoke("Not needed.");

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Revoked, "Not needed.", 1), (end.State, end.RevokeReason, end.Attempt));
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_left_behind_when_its_run_is_revoked()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => options.CancellationGrace = TimeSpan.FromMilliseconds(50))
            .AddTask((Work _) => gate.Pass()));
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        await run.Revoke();

        Assert.Equal(TaskState.Revoked, (await TaskQueueFixture.EndOf(run)).State);
        gate.Open();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_services_of_a_handler_that_is_left_behind_are_its_own_until_it_ends(bool isBatch)
    {
        var (gate, service) = (new Gate(), new ScopedService());
        await using var queue = await Start(queue =>
        {
            queue.Configure(options => options.CancellationGrace = TimeSpan.FromMilliseconds(50));
            queue.Services.AddScoped(_ => service).AddSingleton(gate);
            if (isBatch)
                queue.AddTask<BatchThatIgnoresItsToken>(task => task.Batch.Window = TimeSpan.FromMilliseconds(1));
            else
                queue.AddTask<HandlerThatIgnoresItsToken>();
        });
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        await run.Revoke();
        await TaskQueueFixture.EndOf(run);
        var wasDisposed = service.Disposed.IsCompleted;
        gate.Open();

        await service.Disposed.WaitAsync(TaskQueueFixture.Patience);
        Assert.False(wasDisposed, "It was disposed of under its handler.");
    }

    [Fact]
    public async Task A_handler_that_never_awaits_is_left_behind_when_its_run_is_revoked()
    {
        using var end = new ManualResetEventSlim();
        var started = new TaskCompletionSource();
        await using var queue = await Start(queue => queue
            .Configure(options => options.CancellationGrace = TimeSpan.Zero)
            .AddTask((Work _) =>
            {
                started.TrySetResult();
                end.Wait(TaskQueueFixture.Patience);
            }));
        var run = await queue.Client.Run(new Work());
        await started.Task.WaitAsync(TaskQueueFixture.Patience);

        await run.Revoke();

        Assert.Equal(TaskState.Revoked, (await TaskQueueFixture.EndOf(run)).State);
        end.Set();
    }

    [Fact]
    public async Task A_worker_that_stops_lets_running_attempts_end()
    {
        var gate = new Gate();
        await using var queue = await StartWork(_ => gate.Pass());
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        var stop = queue.Stop();
        gate.Open();
        await stop;

        Assert.Equal(TaskState.Succeeded, (await run.Snapshot()).State);
    }
}
