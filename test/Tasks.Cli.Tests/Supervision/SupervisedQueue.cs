using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.FaultWorker;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>A task queue on real servers, its workers under a supervisor, and a client in this process.</summary>
internal sealed class SupervisedQueue : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static readonly string Redis = Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379";

    private static readonly string RabbitMq = Environment.GetEnvironmentVariable("TASKSBUS_RABBITMQ") ?? "amqp://guest:guest@127.0.0.1:5672";

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly IHost _host;

    private SupervisedQueue(string options, string settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddTaskQueue(queue => queue
            .Configure(options => (options.Prefix, options.IsWorker, options.SubmitTimeout) = (_prefix, false, Patience))
            .AddTaskType<Tick>()
            .AddTaskType<Hoard>()
            .AddTaskType<Hang>()
            .UseRabbitMq(RabbitMq)
            .UseRedis(Patient.Redis(Redis)));
        _host = builder.Build();

        string[] worker = ["dotnet", typeof(Tick).Assembly.Location, "--Prefix", _prefix, "--RabbitMq", RabbitMq, "--Redis", Redis];
        Supervisor = SupervisorProcess.Start([.. Words(options), "--redis", Redis, "--prefix", _prefix, "--", .. worker, .. Words(settings)]);
    }

    public ITaskClient Client => _host.Services.GetRequiredService<ITaskClient>();

    public SupervisorProcess Supervisor { get; }

    /// <summary>Starts it.</summary>
    /// <param name="options">Of the supervisor.</param>
    /// <param name="settings">Of the workers.</param>
    /// <param name="ready">How many workers to wait for.</param>
    public static async Task<SupervisedQueue> Start(string options, string settings = "", int ready = 1)
    {
        var queue = new SupervisedQueue(options, settings);
        try
        {
            await queue._host.StartAsync();
            await queue.Supervisor.Lines("ready", ready);
            return queue;
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }
    }

    public async Task<IReadOnlyList<TaskHandle<int>>> Submit(int runs, int milliseconds) =>
        await Client.RunMany(Enumerable.Range(0, runs).Select(index => new Tick(index, milliseconds)));

    public static async Task<IReadOnlyList<TaskSnapshot>> EndsOf(IEnumerable<TaskHandle> runs) =>
        await Task.WhenAll(runs.Select(run => run.Completion(Patience)));

    public static async Task Until(TaskHandle run, TaskState state)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var snapshot in run.Watch(patience.Token))
        {
            if (snapshot.State == state)
                return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Supervisor.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
