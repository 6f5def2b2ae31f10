using System.Collections.Immutable;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using TasksBus.InMemory;
using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <summary>What gives out what becomes free by itself.</summary>
public sealed class LimitPumpTests
{
    [Fact]
    public async Task A_worker_looks_about_once_a_second_however_many_runs_wait()
    {
        var clock = new RecordingClock();
        var limiter = new ScriptedLimiter(new InMemoryLimiter(clock), clock);
        var one = new LimitDemand("task:a", Family: null, new Limit(MaxConcurrent: 1, Interval: null));
        for (var i = 0; i < 3; i++)
            await limiter.Acquire(new PermitRequest(Guid.CreateVersion7(), Guid.NewGuid(), [one], TimeSpan.FromMinutes(1)));
        await using var services = Services(limiter, clock);
        var pump = services.GetRequiredService<LimitPump>();

        pump.Start();
        for (var sleep = 0; sleep < 4; sleep++)
        {
            while (clock.Timers.Count == sleep)
                await Task.Yield();
            clock.Advance(clock.Timers[sleep]);
        }

        await pump.Stop();
        Assert.All(clock.Timers, time => Assert.True(time >= TimeSpan.FromMilliseconds(700), $"{time}"));
        Assert.InRange(limiter.Looks.Count, 4, 5);
    }

    [Fact]
    public async Task A_run_that_begins_to_wait_for_a_rate_is_looked_after_when_its_turn_comes()
    {
        var clock = new RecordingClock();
        var limiter = new ScriptedLimiter(new InMemoryLimiter(clock), clock);
        var rate = new LimitDemand("task:a", Family: null, new Limit(MaxConcurrent: null, Interval: TimeSpan.FromMilliseconds(200)));
        await using var services = Services(limiter, clock);
        var (pump, permits) = (services.GetRequiredService<LimitPump>(), services.GetRequiredService<Permits>());
        pump.Start();
        while (clock.Timers.Count == 0)
            await Task.Yield();

        for (var i = 0; i < 2; i++)
            await permits.Acquire(new PermitRequest(Guid.CreateVersion7(), Guid.NewGuid(), [rate], TimeSpan.FromMinutes(1)), CancellationToken.None);
        while (clock.Timers.Count == 1)
            await Task.Yield();
        clock.Advance(clock.Timers[1]);
        while (limiter.Looks.Count == 2)
            await Task.Yield();

        await pump.Stop();
        Assert.InRange(clock.Timers[1], TimeSpan.FromMilliseconds(190), TimeSpan.FromMilliseconds(210));
    }

    [Fact]
    public async Task A_worker_takes_no_run_before_it_knows_which_limits_were_set()
    {
        var limiter = new ScriptedLimiter(new InMemoryLimiter(TimeProvider.System), TimeProvider.System) { SettingsAreRead = new() };
        var target = LimitTarget.Task(TaskName.Of(typeof(Upload)));
        await limiter.Set(target.Name, new Limit(MaxConcurrent: 1, Interval: null));
        var gate = new Gate();
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Upload _) => gate.Pass()), services => services.AddSingleton<ILimiter>(limiter));

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 2).Select(_ => new Upload("acme")));
        limiter.SettingsAreRead.SetResult();
        var second = await Task.WhenAny(runs.Select(run => WaitsFor(run, target))).Unwrap();
        gate.Open();

        Assert.Equal(target.Name, second.WaitsFor);
        Assert.All(await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf)), end => Assert.Equal(TaskState.Succeeded, end.State));
    }

    private static async Task<TaskSnapshot> WaitsFor(TaskHandle run, LimitTarget target)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (true)
        {
            // Watchers hear of states, and a run that begins to wait for a limit stays in its own.
            var snapshot = await run.Snapshot(patience.Token);
            if (snapshot.WaitsFor == target.Name)
                return snapshot;
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    private static ServiceProvider Services(ILimiter limiter, TimeProvider clock) =>
        new ServiceCollection().AddLogging().AddSingleton(clock).AddSingleton(limiter).AddTaskQueue(queue => queue.AddTask((Upload _) => { })).BuildServiceProvider();

    /// <summary>A clock of which is known for how long it was asked to wait.</summary>
    private sealed class RecordingClock : FakeTimeProvider
    {
        private ImmutableList<TimeSpan> _timers = [];

        public ImmutableList<TimeSpan> Timers => _timers;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            ImmutableInterlocked.Update(ref _timers, (timers, added) => timers.Add(added), dueTime);
            return timer;
        }
    }

    /// <summary>A limiter of which is known when it was looked at, and whose settings may be slow to come.</summary>
    private sealed class ScriptedLimiter(ILimiter limiter, TimeProvider clock) : ILimiter
    {
        private readonly List<DateTimeOffset> _looks = [];

        public TaskCompletionSource? SettingsAreRead { get; init; }

        public IReadOnlyList<DateTimeOffset> Looks
        {
            get
            {
                lock (_looks)
                    return [.. _looks];
            }
        }

        public ValueTask<DueGrants> GrantDue(CancellationToken cancellationToken = default)
        {
            lock (_looks)
                _looks.Add(clock.GetUtcNow());
            return limiter.GrantDue(cancellationToken);
        }

        public async ValueTask<IReadOnlyDictionary<string, Limit>> Settings(CancellationToken cancellationToken = default)
        {
            if (SettingsAreRead is not null)
                await SettingsAreRead.Task.WaitAsync(cancellationToken);
            return await limiter.Settings(cancellationToken);
        }

        public ValueTask<PermitAnswer> Acquire(PermitRequest request, CancellationToken cancellationToken = default) => limiter.Acquire(request, cancellationToken);

        public ValueTask<bool> Renew(Guid runId, Guid permit, TimeSpan lease, CancellationToken cancellationToken = default) => limiter.Renew(runId, permit, lease, cancellationToken);

        public ValueTask<LimitGrants> Return(Guid runId, Guid permit, bool hasBegun, CancellationToken cancellationToken = default) => limiter.Return(runId, permit, hasBegun, cancellationToken);

        public ValueTask<LimitGrants> Leave(Guid runId, CancellationToken cancellationToken = default) => limiter.Leave(runId, cancellationToken);

        public ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default) => limiter.Set(name, limit, cancellationToken);

        public ValueTask<IReadOnlyList<(long Running, long Waiting)>> Count(IReadOnlyList<string> names, CancellationToken cancellationToken = default) => limiter.Count(names, cancellationToken);
    }
}
