using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

/// <summary>Filters, observers, components and batches run under the harness, too.</summary>
public class ExtensionTests
{
    [Fact]
    public async Task Everything_around_a_handler_runs_and_stops_with_the_harness()
    {
        var diary = new Diary();
        var services = new ServiceCollection().AddSingleton(diary).AddTaskQueueTestHarness(queue => queue
            .AddComponent<Writer>()
            .AddObserver<Writer>()
            .AddSubmitFilter<Writer>()
            .AddFilter<Writer>()
            .AddTask<GreetHandler>());
        await using (var provider = services.BuildServiceProvider(validateScopes: true))
        {
            var harness = provider.GetRequiredService<ITaskQueueTestHarness>();
            await harness.Start();

            await harness.Result<string>((await harness.Client.Run(new Greet("Ada"))).RunId);
            await diary.Succeeded.Task.WaitAsync(TaskQueueFixture.Patience, TimeProvider.System);
        }

        Assert.Equal(["starts", "submits", "runs", "stops"], diary.Lines);
    }

    [Fact]
    public async Task A_batch_is_handed_over_when_the_clock_has_passed_its_window()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<ImportMany>(task => task.Batch.Window = TimeSpan.FromMinutes(5)));
        var runs = await fixture.Harness.Client.RunMany([new Import("a"), new Import("b")]);
        foreach (var run in runs)
            await fixture.Harness.WaitFor(run.RunId, TaskState.Running);

        await fixture.Harness.Advance(TimeSpan.FromMinutes(5));

        foreach (var run in runs)
            await fixture.Harness.WaitFor(run.RunId, TaskState.Succeeded);
    }

    private sealed class Diary
    {
        public List<string> Lines { get; } = [];

        public TaskCompletionSource Succeeded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Writer(Diary diary) : IWorkerComponent, ITaskObserver, ISubmitFilter, ITaskFilter
    {
        public Task Start(CancellationToken cancellationToken) => Write("starts");

        public Task Stop(CancellationToken cancellationToken) => Write("stops");

        public async ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken)
        {
            await Write("submits");
            return options;
        }

        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            await Write("runs");
            return await next();
        }

        public Task Succeeded(TaskSnapshot run)
        {
            diary.Succeeded.SetResult();
            return Task.CompletedTask;
        }

        private Task Write(string line)
        {
            diary.Lines.Add(line);
            return Task.CompletedTask;
        }
    }

    private sealed class ImportMany : ITaskBatchHandler<Import>
    {
        public Task Run(IReadOnlyList<TaskBatchItem<Import>> items, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
