using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests;

/// <content>What runs around handlers.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task Filters_run_in_the_order_in_which_they_were_added_those_of_the_task_inside()
    {
        var steps = new Steps();
        await using var queue = await Start(
            queue => queue
                .AddFilter<First>()
                .AddFilter<Second>()
                .AddTask((Add task) => steps.Take("handler", task.X + task.Y), task => task.AddFilter<OfTheTask>()),
            services => services.AddSingleton(steps));

        var sum = await (await queue.Client.Run(new Add(1, 2))).Result(TaskQueueFixture.Patience);

        Assert.Equal(3, sum);
        Assert.Equal(["First", "Second", "OfTheTask", "handler", "after OfTheTask", "after Second", "after First"], steps.Taken);
    }

    [Fact]
    public async Task A_filter_shares_the_scope_of_its_attempt_with_the_handler()
    {
        var steps = new Steps();
        await using var queue = await Start(
            queue => queue.AddFilter<RememberTenant>().AddTask((Work _, Tenant tenant) => { steps.Take(tenant.Name, 0); }),
            services => services.AddSingleton(steps).AddScoped<Tenant>());

        await TaskQueueFixture.EndOf(await queue.Client.Run(new Work(), new RunOptions { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } }));

        Assert.Equal(["acme"], steps.Taken);
    }

    [Fact]
    public async Task A_filter_can_replace_the_result()
    {
        await using var queue = await Start(queue => queue.AddFilter<Doubler>().AddTask((Add task) => task.X + task.Y));

        Assert.Equal(6, await (await queue.Client.Run(new Add(1, 2))).Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_filter_can_answer_in_place_of_the_handler()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask(
            async (Add _) =>
            {
                await gate.Pass();
                return 0;
            },
            task => task.AddFilter<KnowsTheAnswer>()));

        Assert.Equal(42, await (await queue.Client.Run(new Add(1, 2))).Result(TaskQueueFixture.Patience));
        Assert.Equal(0, gate.Visitors);
    }

    [Fact]
    public async Task What_a_filter_throws_ends_the_attempt_as_if_the_handler_had_thrown_it()
    {
        await using var queue = await Start(queue => queue.AddFilter<Refuser>().AddTask((Work _) => { }));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal((FailureKind.Rejected, "Not today.", 1), (end.FailureKind, end.Error?.Message, end.Attempt));
    }

    [Fact]
    public async Task A_filter_that_does_not_end_is_left_behind_as_a_handler_is()
    {
        await using var queue = await Start(
            queue => queue.AddFilter<Blocker>().AddTask((Work _) => { }, Limited(task => task.HardTimeLimit = Soon)),
            services => services.AddSingleton<Gate>());

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(new Work()));

        Assert.Equal(FailureKind.TimedOut, end.FailureKind);
        queue.Services.GetRequiredService<Gate>().Open();
    }

    [Fact]
    public async Task A_typed_filter_is_around_those_tasks_alone_whose_arguments_fit()
    {
        await using var queue = await Start(queue => queue
            .AddFilter<AddsOne>()
            .AddTask((Add task) => task.X + task.Y)
            .AddTask((Ask task) => task.Question));

        Assert.Equal(4, await (await queue.Client.Run(new Add(1, 2))).Result(TaskQueueFixture.Patience));
        Assert.Equal("why", await (await queue.Client.Run(new Ask("why"))).Result(TaskQueueFixture.Patience));
    }

    private sealed class Steps
    {
        private readonly ConcurrentQueue<string> _taken = new();

        public IEnumerable<string> Taken => _taken;

        public T Take<T>(string step, T result)
        {
            _taken.Enqueue(step);
            return result;
        }
    }

    private class First(Steps steps) : ITaskFilter
    {
        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            steps.Take(GetType().Name, task);
            var result = await next();
            return steps.Take($"after {GetType().Name}", result);
        }
    }

    private sealed class Second(Steps steps) : First(steps);

    private sealed class OfTheTask(Steps steps) : First(steps);

    private sealed class Tenant
    {
        public string Name { get; set; } = "";
    }

    private sealed class RememberTenant(Tenant tenant) : ITaskFilter
    {
        public Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            tenant.Name = context.Headers["tenant"];
            return next();
        }
    }

    private sealed class Doubler : ITaskFilter
    {
        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next) => 2 * (int)(await next())!;
    }

    private sealed class KnowsTheAnswer : ITaskFilter<Add>
    {
        public Task<object?> Run(Add task, TaskContext context, Func<Task<object?>> next) => Task.FromResult<object?>(42);
    }

    private sealed class AddsOne : ITaskFilter<ITask<int>>
    {
        public async Task<object?> Run(ITask<int> task, TaskContext context, Func<Task<object?>> next) => 1 + (int)(await next())!;
    }

    private sealed class Refuser : ITaskFilter
    {
        public Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next) => throw new RejectTaskException("Not today.");
    }

    private sealed class Blocker(Gate gate) : ITaskFilter
    {
        public async Task<object?> Run(object task, TaskContext context, Func<Task<object?>> next)
        {
            await gate.Pass();
            return null;
        }
    }
}
