using System.Runtime;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;

namespace TasksBus.Benchmarks;

/// <summary>Where RabbitMQ and Redis are.</summary>
internal sealed record Servers(string RabbitMq, string Redis);

/// <summary>How to measure.</summary>
internal sealed record Bench(Servers? Servers, int? Number, int Concurrency, TimeSpan ProgressInterval, int Keys, int Waiting, string Prefix)
{
    private const int LimitOfKey = 7;

    private static readonly JsonSerializerOptions OneLine = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Starts a process's part in the queue.</summary>
    public async Task<IHost> Start(bool isWorker, Action<ITaskQueueBuilder>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddTaskQueue(queue =>
        {
            queue.Configure(options =>
            {
                options.IsWorker = isWorker;
                options.Concurrency = Concurrency;
                options.ProgressInterval = ProgressInterval;
                options.Prefix = Prefix;
            });
            queue.AddTask<AddHandler>(LimitKeys);
            queue.AddTask<TakeSlotHandler>(task => task.Limit.MaxConcurrent = 1);
            queue.AddTask<ReportHandler>();
            queue.AddTask<CountAllHandler>();
            queue.AddTask<PassHandler>();
            queue.AddTask((TellTime _) => TimeProvider.System.GetUtcNow());
            queue.AddTask((CountMethods _) => JitInfo.GetCompiledMethodCount());
            more?.Invoke(queue);
            if (Servers is null)
                return;
            queue.UseRabbitMq(Servers.RabbitMq);
            queue.UseRedis(Servers.Redis);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Writes a metric as one line of JSON.</summary>
    public void Report(string metric, double value, string unit, int n, IReadOnlyDictionary<string, double>? cpu = null) =>
        Console.WriteLine(JsonSerializer.Serialize(
            new { metric, value = Rounded(value), unit, n, on = Servers is null ? "embedded" : "rabbitmq+redis", concurrency = Concurrency, cpu_ms_per_task = cpu }, OneLine));

    private void LimitKeys(TaskOptions task)
    {
        if (Keys == 0)
            return;
        task.KeyLimit.MaxConcurrent = LimitOfKey;
        task.LimitBy<Add>(add => $"{add.X % Keys}");
    }

    /// <summary>A figure as it is written.</summary>
    public static double Rounded(double value) => Math.Round(value, 4, MidpointRounding.AwayFromZero);
}

/// <summary>Adds two numbers: a task that costs nothing itself.</summary>
public sealed record Add(int X, int Y) : ITask<int>;

/// <summary>Does it.</summary>
public sealed class AddHandler : ITaskHandler<Add, int>
{
    /// <inheritdoc/>
    public Task<int> Run(Add task, TaskContext context) => Task.FromResult(task.X + task.Y);
}

/// <summary>Runs under a limit of one at a time.</summary>
public sealed record TakeSlot(int Index) : ITask;

/// <summary>Does nothing with it.</summary>
public sealed class TakeSlotHandler : ITaskHandler<TakeSlot>
{
    /// <inheritdoc/>
    public Task Run(TakeSlot task, TaskContext context) => Task.CompletedTask;
}

/// <summary>Its result is the instant at which its handler started.</summary>
public sealed record TellTime(int Index) : ITask<DateTimeOffset>;

/// <summary>Its result is how many methods its worker has compiled.</summary>
public sealed record CountMethods : ITask<long>;

/// <summary>Reports its progress, one report after the other.</summary>
public sealed record Report(int Times) : ITask<int>;

/// <summary>Does it.</summary>
public sealed class ReportHandler : ITaskHandler<Report, int>
{
    /// <inheritdoc/>
    public async Task<int> Run(Report task, TaskContext context)
    {
        for (var done = 1; done <= task.Times; done++)
            await context.ReportProgress(done, task.Times);
        return task.Times;
    }
}

/// <summary>Counts the results of others.</summary>
public sealed record CountAll(IReadOnlyList<int> Numbers) : ITask<int>;

/// <summary>Does it.</summary>
public sealed class CountAllHandler : ITaskHandler<CountAll, int>
{
    /// <inheritdoc/>
    public Task<int> Run(CountAll task, TaskContext context) => Task.FromResult(task.Numbers.Count);
}

/// <summary>Gives its text on.</summary>
public sealed record Pass(string Text) : ITask<string>;

/// <summary>Does it.</summary>
public sealed class PassHandler : ITaskHandler<Pass, string>
{
    /// <inheritdoc/>
    public Task<string> Run(Pass task, TaskContext context) => Task.FromResult(task.Text);
}
