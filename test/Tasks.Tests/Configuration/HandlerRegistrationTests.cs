using System.Collections.Concurrent;
using System.Reflection;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests.Configuration;

/// <summary>What can handle a task, and how it is registered.</summary>
public sealed class HandlerRegistrationTests
{
    private static readonly Dictionary<string, Delegate> Delegates = new(StringComparer.Ordinal)
    {
        ["nothing"] = (Ask task, Journal journal) => journal.Write(task.Question),
        ["a Task"] = async (Work task, Journal journal) =>
        {
            await Task.Yield();
            journal.Write(task.Name);
        },
        ["a ValueTask"] = async ValueTask (Work task, Journal journal) =>
        {
            await Task.Yield();
            journal.Write(task.Name);
        },
        ["a value"] = (Ask task, Journal journal) => journal.Write(task.Question),
        ["a Task of a value"] = async (Ask task, Journal journal) =>
        {
            await Task.Yield();
            return journal.Write(task.Question);
        },
        ["a ValueTask of a value"] = async ValueTask<string> (Ask task, Journal journal) =>
        {
            await Task.Yield();
            return journal.Write(task.Question);
        },
    };

    [Theory]
    [InlineData("a value")]
    [InlineData("a Task of a value")]
    [InlineData("a ValueTask of a value")]
    public async Task A_delegate_can_return(string kind)
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask(Delegates[kind]), services => services.AddScoped<Journal>());

        var run = await queue.Client.Run(new Ask("written"));

        Assert.Equal("written", await run.Result(TaskQueueFixture.Patience));
    }

    [Theory]
    [InlineData("a Task")]
    [InlineData("a ValueTask")]
    public async Task A_delegate_without_a_result_can_return(string kind)
    {
        var journal = new Journal();
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask(Delegates[kind]), services => services.AddSingleton(journal));

        var run = await queue.Client.Run(new Work("written"));

        Assert.Equal((TaskState.Succeeded, null), ((await TaskQueueFixture.EndOf(run)).State, (await run.Snapshot()).Result));
        Assert.Equal("written", Assert.Single(journal.Lines));
    }

    [Fact]
    public async Task A_delegate_can_return_nothing()
    {
        var journal = new Journal();
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Work task) => { journal.Write(task.Name); }));

        var run = await queue.Client.Run(new Work("written"));

        Assert.Equal((TaskState.Succeeded, null), ((await TaskQueueFixture.EndOf(run)).State, (await run.Snapshot()).Result));
        Assert.Equal("written", Assert.Single(journal.Lines));
    }

    [Fact]
    public async Task A_delegate_gets_the_context_its_token_and_services_in_any_order()
    {
        await using var queue = await TaskQueueFixture.Start(
            queue => queue.AddTask((Ask task, CancellationToken token, Journal journal, TaskContext context, IServiceProvider services) =>
                $"{token == context.CancellationToken} {ReferenceEquals(journal, services.GetRequiredService<Journal>())} {task.Question}"),
            services => services.AddScoped<Journal>());

        var run = await queue.Client.Run(new Ask("Why?"));

        Assert.Equal("True True Why?", await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_class_can_handle_two_tasks()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask<Calculator>());

        var doubled = await queue.Client.Run(new Double(4));
        var halved = await queue.Client.Run(new Halve(4));

        Assert.Equal((8, 2), (await doubled.Result(TaskQueueFixture.Patience), await halved.Result(TaskQueueFixture.Patience)));
    }

    [Fact]
    public async Task A_class_can_handle_a_task_without_a_result()
    {
        var journal = new Journal();
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask<Writer>(), services => services.AddSingleton(journal));

        var run = await queue.Client.Run(new WriteDown("this"));

        await TaskQueueFixture.EndOf(run);
        Assert.Equal("this", Assert.Single(journal.Lines));
    }

    [Fact]
    public async Task All_handlers_of_an_assembly_can_be_registered_at_once()
    {
        var assembly = new AssemblyOf(typeof(Calculator), typeof(Writer), typeof(string), typeof(AbstractWriter), typeof(OpenWriter<>));
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTasksFrom(assembly), services => services.AddScoped<Journal>());

        var doubled = await queue.Client.Run(new Double(4));
        var written = await queue.Client.Run(new WriteDown("this"));

        Assert.Equal(8, await doubled.Result(TaskQueueFixture.Patience));
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(written)).State);
    }

    [Fact]
    public async Task A_handler_that_needs_options_can_be_registered_beside_its_whole_assembly()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .AddTask<Calculator>(task => task.Queue = "sums")
            .AddTasksFrom(new AssemblyOf(typeof(Calculator))));

        var run = await queue.Client.Run(new Double(4));

        Assert.Equal(8, await run.Result(TaskQueueFixture.Patience));
        Assert.Equal("sums", (await run.Snapshot()).Queue);
    }

    [Fact]
    public async Task Every_attempt_has_services_of_its_own_that_end_with_it()
    {
        var journals = new ConcurrentQueue<Journal>();
        await using var queue = await TaskQueueFixture.Start(
            queue => queue.AddTask(
                (Ask _, TaskContext context, Journal journal) =>
                {
                    journals.Enqueue(journal);
                    return context.Attempt == 1 ? throw new RetryTaskException(TimeSpan.Zero) : $"{journals.First().IsDisposed} {journal.IsDisposed}";
                }),
            services => services.AddScoped<Journal>());

        var run = await queue.Client.Run(new Ask());

        Assert.Equal("True False", await run.Result(TaskQueueFixture.Patience));
        Assert.Equal(2, journals.Distinct().Count());
    }

    [Fact]
    public async Task AddTaskQueue_called_twice_adds_to_one_queue()
    {
        await using var queue = await TaskQueueFixture.StartHost(services => services
            .AddTaskQueue(queue => queue.AddTask<Calculator>())
            .AddTaskQueue(TaskQueueFixture.Isolate)
            .AddTaskQueue(queue => queue.AddTask((Add task) => task.X + task.Y)));

        var doubled = await queue.Client.Run(new Double(4));
        var added = await queue.Client.Run(new Add(1, 2));

        Assert.Equal((8, 3), (await doubled.Result(TaskQueueFixture.Patience), await added.Result(TaskQueueFixture.Patience)));
    }

    [Fact]
    public async Task A_task_can_be_made_known_for_submitting_and_handled_elsewhere()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .AddTaskType<Double>(task => task.Queue = "sums")
            .AddTask<Calculator>());

        var run = await queue.Client.Run(new Double(4));

        Assert.Equal(8, await run.Result(TaskQueueFixture.Patience));
        Assert.Equal("sums", (await run.Snapshot()).Queue);
    }

    public sealed record Double(int Number) : ITask<int>;

    public sealed record Halve(int Number) : ITask<int>;

    public sealed record WriteDown(string Line) : ITask;

    public sealed class Calculator : ITaskHandler<Double, int>, ITaskHandler<Halve, int>
    {
        public Task<int> Run(Double task, TaskContext context) => Task.FromResult(task.Number * 2);

        public Task<int> Run(Halve task, TaskContext context) => Task.FromResult(task.Number / 2);
    }

    public abstract class AbstractWriter : ITaskHandler<WriteDown>
    {
        public abstract Task Run(WriteDown task, TaskContext context);
    }

    public sealed class OpenWriter<T> : ITaskHandler<WriteDown>
    {
        public Task Run(WriteDown task, TaskContext context) => throw new InvalidOperationException($"Nobody knows what {typeof(T)} is.");
    }

    internal sealed class Writer(Journal journal) : ITaskHandler<WriteDown>
    {
        public Task Run(WriteDown task, TaskContext context)
        {
            journal.Write(task.Line);
            return Task.CompletedTask;
        }
    }

    internal sealed class Journal : IDisposable
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public bool IsDisposed { get; private set; }

        public string Write(string line)
        {
            Lines.Enqueue(line);
            return line;
        }

        public void Dispose() => IsDisposed = true;
    }

    /// <summary>An assembly of just these types.</summary>
    private sealed class AssemblyOf(params Type[] types) : Assembly
    {
        public override Type[] GetTypes() => types;
    }
}
