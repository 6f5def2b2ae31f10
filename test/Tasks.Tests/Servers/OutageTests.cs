using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

using StackExchange.Redis;

using TasksBus.InMemory;
using TasksBus.Limits;

namespace TasksBus.Tests.Servers;

/// <summary>Servers that are away, go away, and come back.</summary>
public sealed partial class OutageTests : IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private TcpProxy _rabbitMq = null!;
    private TcpProxy _redis = null!;

    public Task InitializeAsync()
    {
        var rabbitMq = new Uri(RealServers.RabbitMq);
        _rabbitMq = new TcpProxy(rabbitMq.Host, rabbitMq.Port);
        _redis = BeforeRedis();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _rabbitMq.DisposeAsync();
        await _redis.DisposeAsync();
        await RealServers.DeleteQueues(_prefix, "tasks");
    }

    [Fact]
    public async Task A_submission_to_a_broker_that_is_away_fails_within_its_deadline_and_names_the_address()
    {
        _redis.Start();
        await using var queue = await StartQueue(options => options.SubmitTimeout = TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<SubmitException>(() => queue.Client.Run(new Add(1, 2)).WaitAsync(TaskQueueFixture.Patience));

        Assert.Contains($":{_rabbitMq.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_whose_broker_is_away_at_start_works_once_it_is_there()
    {
        _redis.Start();
        await using var queue = await StartQueue(options => options.SubmitTimeout = TimeSpan.FromSeconds(30));
        var submitting = queue.Client.Run(new Add(1, 2));

        _rabbitMq.Start();

        Assert.Equal(3, await (await submitting).Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_queue_whose_store_is_away_at_start_runs_what_was_submitted_once_it_is_there()
    {
        _rabbitMq.Start();
        await using var queue = await StartQueue();
        var run = await queue.Client.Run(new Add(1, 2));

        _redis.Start();

        Assert.Equal(3, await Patiently(() => run.Result(TaskQueueFixture.Patience)));
    }

    [Fact]
    public async Task A_run_that_was_submitted_while_the_store_was_away_is_waited_for_and_recorded_once_it_is_there()
    {
        _rabbitMq.Start();
        _redis.Start();
        var gate = new Gate();
        await using var queue = await StartQueue(options => options.Concurrency = 1, work: gate);
        await queue.Client.Run(new Work());
        await gate.Entered;

        _redis.Stop();
        var run = await queue.Client.Run(new Add(1, 2));
        _redis.Start();
        await Patiently(() => run.Snapshot());
        var waiting = run.Completion(TaskQueueFixture.Patience);
        await Until(async () => (await run.Snapshot()).State == TaskState.Pending);
        var revoked = await run.Revoke();
        gate.Open();

        Assert.Equal(TaskState.Revoked, revoked.State);
        Assert.Equal(TaskState.Revoked, (await waiting).State);
    }

    [Fact]
    public async Task A_store_that_is_away_is_named_to_who_asks_for_a_run()
    {
        _rabbitMq.Start();
        await using var queue = await StartQueue();

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.Client.Find(Guid.NewGuid()).Snapshot());

        Assert.Contains($":{_redis.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_whose_delivery_dies_goes_on_and_is_the_only_one()
    {
        _rabbitMq.Start();
        _redis.Start();
        var gate = new Gate();
        await using var queue = await StartQueue(work: gate);
        var held = await queue.Client.Run(new Work());
        await gate.Entered;

        _rabbitMq.Cut();
        var next = await Patiently(() => queue.Client.Run(new Add(1, 2)));

        // The endpoint takes and acknowledges other runs, though the handler of the first still runs without its delivery.
        Assert.Equal(3, await next.Result(TaskQueueFixture.Patience));
        gate.Open();
        var end = await held.Completion(TaskQueueFixture.Patience);
        Assert.Equal(TaskState.Succeeded, end.State);
        Assert.Equal(1, gate.Visitors);
    }

    [Fact]
    public async Task A_run_whose_turn_came_while_the_broker_was_away_starts_when_it_is_back()
    {
        _rabbitMq.Start();
        _redis.Start();
        var (gate, logs) = (new Gate(), new LogCapture());

        // By a clock that stands still: a limiter that never reminds of anybody.
        await using var queue = await StartQueue(
            options => (options.TaskLimit.MaxConcurrent, options.SubmitTimeout) = (1, TimeSpan.FromSeconds(5)), gate, logs, limiter: new InMemoryLimiter(new FakeTimeProvider()));
        await queue.Client.Run(new Work());
        await gate.Entered;
        var next = await queue.Client.Run(new Work());
        await Until(async () => (await next.Snapshot()).WaitsFor is not null);

        _rabbitMq.Stop();
        gate.Open();
        await Until(() => Task.FromResult(logs.Lines.Any(line => line.EventId == 1601)));
        _rabbitMq.Start();

        Assert.Equal(TaskState.Succeeded, (await next.Completion(TaskQueueFixture.Patience)).State);
    }

    [Fact]
    public async Task Submissions_that_were_not_confirmed_when_the_connection_broke_are_sent_again()
    {
        _rabbitMq.Start();
        _redis.Start();
        await using var queue = await StartQueue(options => options.SubmitTimeout = TimeSpan.FromSeconds(25));
        var submissions = Enumerable.Range(0, 300).Select(index => queue.Client.Run(new Add(index, 1))).ToList();
        await Task.WhenAny(submissions);

        _rabbitMq.Cut();
        var runs = await Task.WhenAll(submissions);

        Assert.Equal(Enumerable.Range(1, 300), await Task.WhenAll(runs.Select(run => run.Result(TaskQueueFixture.Patience))));
    }

    [Fact]
    public async Task A_worker_that_a_store_has_forgotten_says_so_and_shows_up_again()
    {
        _rabbitMq.Start();
        _redis.Start();
        var logs = new LogCapture();
        await using var queue = await StartQueue(logs: logs);
        using var connection = await ConnectionMultiplexer.ConnectAsync(RealServers.Redis);
        await Until(async () => (await queue.Monitor.Workers()).Count == 1);

        foreach (var key in connection.GetServer(RealServers.Redis).Keys(pattern: _prefix + "*").ToList())
            await connection.GetDatabase().KeyDeleteAsync(key);

        await Until(async () => logs.Lines.Any(line => line.EventId == 1512) && (await queue.Monitor.Workers()).Count == 1);
        await Until(async () => await connection.GetDatabase().KeyExistsAsync($"{_prefix}:tasks"));
    }

    [Fact]
    public async Task An_outcome_waits_for_a_store_that_has_gone_away()
    {
        _rabbitMq.Start();
        _redis.Start();
        var gate = new Gate();
        await using var queue = await StartQueue(work: gate);
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        _redis.Stop();
        gate.Open();
        _redis.Start();

        Assert.Equal(TaskState.Succeeded, (await Patiently(() => run.Completion(TaskQueueFixture.Patience))).State);
        Assert.Equal(1, gate.Visitors);
    }

    private Task<TaskQueueFixture> StartQueue(
        Action<TaskQueueOptions>? configure = null, Gate? work = null, LogCapture? logs = null, TcpProxy? redis = null, ILimiter? limiter = null, TimeSpan? hostTimeout = null) => TaskQueueFixture.Start(queue =>
    {
        queue.UseRabbitMq($"amqp://guest:guest@127.0.0.1:{_rabbitMq.Port}");
        queue.UseRedis($"127.0.0.1:{(redis ?? _redis).Port}");
        queue.Configure(options =>
        {
            options.Prefix = _prefix;
            configure?.Invoke(options);
        });
        queue.AddTask((Add task) => task.X + task.Y);
        queue.AddTask((Work _, TaskContext context) => (work ?? new Gate()).Pass(context.CancellationToken));
        if (logs is not null)
            queue.Services.AddLogging(logging => logging.AddProvider(logs));
        if (hostTimeout is { } timeout)
            queue.Services.Configure<HostOptions>(host => host.ShutdownTimeout = timeout);
        if (limiter is not null)
            queue.Services.AddSingleton(limiter);
    });

    private static TcpProxy BeforeRedis()
    {
        var redis = RealServers.Redis.Split(':');
        return new TcpProxy(redis[0], int.Parse(redis[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task Until(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
    }

    /// <summary>Asks again while a server is on its way back.</summary>
    private static async Task<T> Patiently<T>(Func<Task<T>> ask)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception exception) when (!patience.IsCancellationRequested && exception is StoreUnavailableException or SubmitException or TaskNotFoundException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
            }
        }
    }
}
