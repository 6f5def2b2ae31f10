using System.Threading.Channels;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests;

/// <content>Who hears what happens.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task An_observer_hears_of_each_step_in_a_run_s_life()
    {
        var heard = new Heard();
        await using var queue = await Start(
            queue => queue
                .AddObserver<Listener>()
                .AddTask((Add task, TaskContext context) => context.Attempt == 1 ? throw new InvalidOperationException("Torn.") : task.X + task.Y, RetryQuickly),
            services => services.AddSingleton(heard));

        var run = await queue.Client.Run(new Add(1, 2));

        Assert.Equal(["Retrying", "Started", "Started", "Submitted", "Succeeded"], (await heard.Of(run.RunId, 5)).Order());
    }

    [Fact]
    public async Task An_observer_hears_how_a_run_ended_that_did_not_succeed()
    {
        var heard = new Heard();
        var gate = new Gate();
        await using var queue = await Start(
            queue => queue
                .AddObserver<Listener>()
                .AddTask(string (Ask _) => throw new RejectTaskException("No."))
                .AddTask((Work _, CancellationToken token) => gate.Pass(token)),
            services => services.AddSingleton(heard));

        var failed = await queue.Client.Run(new Ask());
        var running = await queue.Client.Run(new Work());
        var waiting = await queue.Client.Run(new Work(), new RunOptions { Delay = TimeSpan.FromHours(1) });
        await gate.Entered;
        await running.Revoke();
        await waiting.Revoke();

        Assert.Equal(["Failed", "Started", "Submitted"], (await heard.Of(failed.RunId, 3)).Order());
        Assert.Equal(["Revoked", "Started", "Submitted"], (await heard.Of(running.RunId, 3)).Order());
        Assert.Equal(["Submitted", "Revoked"], await heard.Of(waiting.RunId, 2));
    }

    [Fact]
    public async Task An_observer_hears_of_the_worker_and_of_what_it_gives_back()
    {
        var heard = new Heard();
        var gate = new Gate();
        await using var queue = await Start(
            queue => queue
                .Configure(options => options.ShutdownTimeout = TimeSpan.Zero)
                .AddObserver<Listener>()
                .AddTask((Work _, CancellationToken token) => gate.Pass(token)),
            services => services.AddSingleton(heard));
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        await queue.Stop();

        Assert.Equal(["WorkerStarted", "WorkerStopping", "WorkerStopped"], await heard.Of(Guid.Empty, 3));
        Assert.Contains("Released", await heard.Of(run.RunId, 3), StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_observer_that_throws_harms_neither_runs_nor_other_observers()
    {
        var heard = new Heard();
        await using var queue = await Start(
            queue => queue
                .AddObserver<Thrower>()
                .AddObserver<Listener>()
                .AddTask((Add task) => task.X + task.Y),
            services => services.AddSingleton(heard));

        var run = await queue.Client.Run(new Add(1, 2));

        Assert.Equal(3, await run.Result(TaskQueueFixture.Patience));
        Assert.Contains("Succeeded", await heard.Of(run.RunId, 3), StringComparer.Ordinal);
    }

    private sealed class Heard
    {
        private readonly Channel<(Guid RunId, string What)> _events = Channel.CreateUnbounded<(Guid RunId, string What)>();
        private readonly List<(Guid RunId, string What)> _all = [];

        public Task Add(Guid runId, string what) => _events.Writer.WriteAsync((runId, what)).AsTask();

        /// <summary>The first events of a run, once there are so many.</summary>
        public async Task<IReadOnlyList<string>> Of(Guid runId, int count)
        {
            using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
            while (_all.FindAll(one => one.RunId == runId).Count < count)
                _all.Add(await _events.Reader.ReadAsync(patience.Token));
            return [.. _all.Where(one => one.RunId == runId).Select(one => one.What)];
        }
    }

    private sealed class Listener(Heard heard) : ITaskObserver
    {
        public Task Submitted(TaskSnapshot run) => heard.Add(run.RunId, nameof(Submitted));

        public Task Started(TaskSnapshot run) => heard.Add(run.RunId, nameof(Started));

        public Task Succeeded(TaskSnapshot run) => heard.Add(run.RunId, nameof(Succeeded));

        public Task Retrying(TaskSnapshot run) => heard.Add(run.RunId, nameof(Retrying));

        public Task Failed(TaskSnapshot run) => heard.Add(run.RunId, nameof(Failed));

        public Task Revoked(TaskSnapshot run) => heard.Add(run.RunId, nameof(Revoked));

        public Task Released(TaskSnapshot run) => heard.Add(run.RunId, nameof(Released));

        public Task WorkerStarted(string worker) => heard.Add(Guid.Empty, nameof(WorkerStarted));

        public Task WorkerStopping(string worker) => heard.Add(Guid.Empty, nameof(WorkerStopping));

        public Task WorkerStopped(string worker) => heard.Add(Guid.Empty, nameof(WorkerStopped));
    }

    private sealed class Thrower : ITaskObserver
    {
        public Task Submitted(TaskSnapshot run) => throw new InvalidOperationException("I do not want to know.");

        public Task Started(TaskSnapshot run) => throw new InvalidOperationException("I do not want to know.");

        public Task Succeeded(TaskSnapshot run) => Task.FromException(new InvalidOperationException("I do not want to know."));
    }
}
