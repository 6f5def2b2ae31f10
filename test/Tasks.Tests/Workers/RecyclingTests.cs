using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

using NSubstitute;

using TasksBus.Transport;
using TasksBus.Workers;

namespace TasksBus.Tests.Workers;

/// <summary>When a worker process has had its time, and how it ends.</summary>
public sealed class RecyclingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TaskQueueOptions _options = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LogCapture _lines = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IHostApplicationLifetime _lifetime = Substitute.For<IHostApplicationLifetime>();
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly ILoggerFactory _loggers;
    private readonly Recycling _recycling;

    public RecyclingTests()
    {
        _lifetime.When(lifetime => lifetime.StopApplication()).Do(_ => _stopped.TrySetResult());
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_lines));
        _recycling = new Recycling(_options, new EndpointConnector(_services), _lifetime, _clock, _loggers.CreateLogger<Recycling>());
        _recycling.Start();
    }

    private IEnumerable<string> Reasons => _lines.Lines.Select(line => line.Message);

    [Fact]
    public async Task It_ends_after_a_number_of_attempts_once_it_has_finished_what_it_holds()
    {
        _options.RecycleAfterRuns = 2;
        _recycling.Enter();
        _recycling.Enter();
        _recycling.Enter();

        _recycling.Leave();
        Assert.Empty(Reasons);
        _recycling.Leave();
        Assert.Contains("it has run 2 attempts", Assert.Single(Reasons), StringComparison.Ordinal);
        Assert.False(_stopped.Task.IsCompleted);
        _recycling.Leave();

        await Stopped();
        Assert.Single(Reasons);
    }

    [Fact]
    public async Task It_ends_above_its_memory_but_not_before_it_has_run_something()
    {
        _options.RecycleAboveMemory = 1_048_576;

        _recycling.Look();
        Assert.Empty(Reasons);
        _recycling.Enter();
        _recycling.Leave();
        _recycling.Look();

        await Stopped();
        Assert.Contains("of 1,048,576", Assert.Single(Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_with_a_handler_that_was_left_behind_and_does_not_end()
    {
        _options.RecycleWhenLeftBehind = true;
        var handler = new TaskCompletionSource();
        _recycling.LeaveBehind(handler.Task, "Acme.Hang", Guid.Empty);

        _clock.Advance(_options.CancellationGrace);
        await Until(() => Reasons.Any());
        _recycling.Look();

        await Stopped();
        Assert.Contains("its handler of Acme.Hang", Assert.Single(Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_on_when_the_handler_ends_after_all()
    {
        _options.RecycleWhenLeftBehind = true;
        var handler = new TaskCompletionSource();
        _recycling.LeaveBehind(handler.Task, "Acme.Slow", Guid.Empty);

        handler.SetResult();
        await handler.Task;
        _clock.Advance(_options.CancellationGrace);
        _recycling.Look();

        Assert.Empty(Reasons);
    }

    [Fact]
    public async Task A_worker_whose_runs_wait_in_its_own_memory_is_not_recycled()
    {
        await using var queue = await TaskQueueFixture.Start(tasks => tasks
            .AddTask((Add add) => add.X + add.Y)
            .Configure(options => options.RecycleAfterRuns = 1));

        var first = await (await queue.Client.Run(new Add(1, 2))).Result(Patience);
        var second = await (await queue.Client.Run(new Add(3, 4))).Result(Patience);

        Assert.Equal((3, 7), (first, second));
    }

    public void Dispose()
    {
        _services.Dispose();
        _loggers.Dispose();
    }

    private Task Stopped() => _stopped.Task.WaitAsync(Patience, TimeProvider.System);

    private static async Task Until(Func<bool> isTrue)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!isTrue())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
