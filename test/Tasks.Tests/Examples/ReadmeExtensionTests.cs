using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests.Examples;

/// <summary>The code of the README about what runs around handlers, and how they run; it stands below as it stands there.</summary>
public sealed class ReadmeExtensionTests
{
    [Fact]
    public async Task Filters_an_observer_and_a_component_work_together()
    {
        var (pager, prices, opened) = (new Pager(), new PriceList(), new Opened());
        await using var queue = await TaskQueueFixture.Start(
            queue =>
            {
                queue.AddTask(string (Ask task, TenantConnection connection) => task.Question == "why" ? connection.Tenant : throw new RejectTaskException("No idea."));
                queue.AddTask<CompressHandler>(task => task.AddFilter<CheckPath>());    // only around this task
                queue.AddSubmitFilter<StampTenant>().AddSubmitFilter<HurryTexts>().AddFilter<ConnectTenant>().AddObserver<PageOnFailure>().AddComponent<WarmUp>();
            },
            services => services.AddSingleton(pager).AddSingleton(prices).AddSingleton(opened).AddSingleton(new CurrentTenant("acme")).AddScoped<TenantConnection>());

        Assert.True(prices.IsLoaded);
        Assert.Equal("acme", await (await queue.Client.Run(new Ask("why"))).Result(TaskQueueFixture.Patience));
        await queue.Client.Run(new Ask("how"));
        Assert.Equal($"{TaskName.Of(typeof(Ask))} failed: No idea.", await pager.Call.WaitAsync(TaskQueueFixture.Patience));
        var missing = await TaskQueueFixture.EndOf(await queue.Client.Run(new Compress("missing.txt")));
        Assert.Equal(("There is no 'missing.txt'.", 9), (missing.Error?.Message, missing.Priority));
        await queue.Stop();
        Assert.True(prices.IsSaved);
        Assert.Equal(1, opened.Committed);
    }

    [Fact]
    public async Task Readings_are_saved_in_batches()
    {
        var store = new ReadingStore();
        await using var queue = await TaskQueueFixture.Start(
            queue =>
            {
                queue.Configure(options => options.Concurrency = 200);
                queue.AddTask<SaveReadings>(task => (task.Batch.Size, task.Batch.Window) = (100, TimeSpan.FromMilliseconds(200)));
            },
            services => services.AddSingleton<IReadingStore>(store));

        var good = await queue.Client.RunMany(Enumerable.Range(0, 10).Select(degrees => new Reading(degrees)));
        var bad = await queue.Client.Run(new Reading(-300));

        foreach (var run in good)
            Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
        Assert.Equal("Nothing is so cold.", (await TaskQueueFixture.EndOf(bad)).Error?.Message);
        Assert.Equal(Enumerable.Range(0, 10).Select(degrees => (double)degrees), store.Saved.Select(reading => reading.Celsius).Order());
    }

    [Fact]
    public async Task A_handler_runs_on_a_dedicated_thread()
    {
        await using var queue = await TaskQueueFixture.Start(queue =>
        {
            queue.Configure(options => options.DedicatedThreads = 8);
            queue.AddTask<CompressHandler>(task => (task.Queue, task.Execution) = ("files", HandlerExecution.DedicatedThread));
        });

        var thread = await (await queue.Client.Run(new Compress("a.txt"))).Result(TaskQueueFixture.Patience);

        Assert.StartsWith("TasksBus handler", thread, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_code_of_the_README_is_the_code_here()
    {
        string[] topics = ["DedicatedThreads", "TaskBatchItem", "Batch.Window", "ISubmitFilter", "AddSubmitFilter"];
        var blocks = Repository.ReadmeBlocks("csharp").Where(block => topics.Any(topic => block.Contains(topic, StringComparison.Ordinal))).Select(Lines).ToList();

        var source = Lines(await File.ReadAllTextAsync(PathOfThisFile()));

        Assert.Equal(topics.Length, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(block, source, StringComparison.Ordinal));
    }

    private static string Lines(string code) => string.Join('\n', code.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string PathOfThisFile([CallerFilePath] string path = "") => path;

    public record Compress(string Path) : ITask<string>;

    public class CompressHandler : ITaskHandler<Compress, string>
    {
        public Task<string> Run(Compress task, TaskContext context) => Task.FromResult(Thread.CurrentThread.Name!);
    }

    public record Reading(double Celsius) : ITask;

    public interface IReadingStore
    {
        Task Insert(IReadOnlyList<Reading> readings, CancellationToken cancellationToken);
    }

    public class SaveReadings(IReadingStore store) : ITaskBatchHandler<Reading>
    {
        public async Task Run(IReadOnlyList<TaskBatchItem<Reading>> items, CancellationToken cancellationToken)
        {
            foreach (var item in items.Where(item => item.Arguments.Celsius < -273.15))
                item.Fail(new RejectTaskException("Nothing is so cold."));
            var good = items.Where(item => !item.Outcome.IsCompleted).Select(item => item.Arguments);
            await store.Insert(good.ToList(), cancellationToken);
        }
    }

    public class StampTenant(CurrentTenant tenant) : ISubmitFilter
    {
        public ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken) =>
            ValueTask.FromResult(options with { Headers = new Dictionary<string, string>(options.Headers ?? new Dictionary<string, string>()) { ["tenant"] = tenant.Name } });
    }

    public class HurryTexts : ISubmitFilter<Compress>                   // only before runs with these arguments
    {
        public ValueTask<RunOptions> BeforeSubmit(Compress task, RunOptions options, CancellationToken cancellationToken) =>
            ValueTask.FromResult(task.Path.EndsWith(".txt", StringComparison.Ordinal) ? options with { Priority = 9 } : options);
    }

    public class ConnectTenant(TenantConnection connection) : ITaskFilter
    {
        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            connection.Open(context.Headers["tenant"]);
            var result = await next();
            connection.Commit();
            return result;
        }
    }

    public class CheckPath : ITaskFilter<Compress>                      // only around tasks with these arguments
    {
        public Task<object?> Run(Compress task, TaskContext context, Func<Task<object?>> next) =>
            File.Exists(task.Path) ? next() : throw new RejectTaskException($"There is no '{task.Path}'.");
    }

    public class PageOnFailure(Pager pager) : ITaskObserver
    {
        public Task Failed(TaskSnapshot run) => pager.Send($"{run.TaskName} failed: {run.Error?.Message}");
    }

    public class WarmUp(PriceList prices) : IWorkerComponent
    {
        public Task Start(CancellationToken cancellationToken) => prices.Load(cancellationToken);

        public Task Stop(CancellationToken cancellationToken) => prices.Save(cancellationToken);
    }

    public record CurrentTenant(string Name);

    public class Opened
    {
        public int Committed { get; set; }
    }

    public class TenantConnection(Opened opened)
    {
        public string Tenant { get; private set; } = "";

        public void Open(string tenant) => Tenant = tenant;

        public void Commit() => opened.Committed++;
    }

    public class Pager
    {
        private readonly TaskCompletionSource<string> _call = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Call => _call.Task;

        public Task Send(string message)
        {
            _call.SetResult(message);
            return Task.CompletedTask;
        }
    }

    public class PriceList
    {
        public bool IsLoaded { get; private set; }

        public bool IsSaved { get; private set; }

        public Task Load(CancellationToken cancellationToken) => Task.FromResult(IsLoaded = !cancellationToken.IsCancellationRequested);

        public Task Save(CancellationToken cancellationToken) => Task.FromResult(IsSaved = !cancellationToken.IsCancellationRequested);
    }

    private sealed class ReadingStore : IReadingStore
    {
        public ConcurrentQueue<Reading> Saved { get; } = new();

        public Task Insert(IReadOnlyList<Reading> readings, CancellationToken cancellationToken)
        {
            foreach (var reading in readings)
                Saved.Enqueue(reading);
            return Task.CompletedTask;
        }
    }
}
