using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

public class SubmittedTests
{
    [Fact]
    public async Task A_submitted_run_is_listed_with_its_arguments_queue_and_headers()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>().Configure(options => options.Queues.Add("mail")));
        var harness = fixture.Harness;
        var options = new RunOptions { Queue = "mail", Priority = 7, Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["tenant"] = "acme" } };

        var run = await harness.Client.Run(new Greet("Ada"), options);

        var submitted = Assert.Single(harness.Submitted.Of<Greet>());
        Assert.Equal(run.RunId, submitted.RunId);
        Assert.Equal(new Greet("Ada"), submitted.Arguments);
        Assert.Equal(("mail", 7, "acme"), (submitted.Queue, submitted.Priority, submitted.Headers["tenant"]));
    }

    [Fact]
    public async Task A_delayed_run_is_listed_when_it_is_submitted_and_not_again_when_it_is_sent()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>(task => task.KeepArguments = false));
        var harness = fixture.Harness;
        await harness.Client.Run(new Greet("Ada"), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var before = harness.Submitted.Of<Greet>();
        await harness.Advance(TimeSpan.FromHours(1));

        Assert.Equal((new Greet("Ada"), harness.Clock.GetUtcNow()), (before[0].Arguments, before[0].NotBefore));
        Assert.Equal(before, harness.Submitted.Of<Greet>());
    }

    [Fact]
    public async Task Tasks_are_listed_in_the_order_of_their_submission_whatever_submits_them()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue
            .AddTask<GreetHandler>()
            .AddTask((Import task, ITaskClient client) => (Task)client.Run(new Greet(task.File))));
        var harness = fixture.Harness;

        var run = await harness.Client.Run(new Import("a.csv"));
        await run.Completion();

        Assert.Equal([typeof(Import).FullName!, typeof(Greet).FullName!], harness.Submitted.Select(submitted => submitted.TaskName));
    }

    [Fact]
    public async Task A_run_that_is_published_without_the_client_is_listed_and_settles_too()
    {
        var services = new ServiceCollection();
        services.AddMassTransit(bus => bus.UsingInMemory());
        services.AddTaskQueueTestHarness(queue => queue.AddTask<GreetHandler>(task => task.Name = "greet"));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var harness = provider.GetRequiredService<ITaskQueueTestHarness>();
        await harness.Start();
        var message = new RunTask<Greet>(new Greet("Ada"));

        await provider.GetRequiredService<IBus>().Publish(message);
        await harness.Advance(TimeSpan.Zero);

        var submitted = Assert.Single(harness.Submitted.Of<Greet>());
        Assert.Equal((message.RunId, "greet", "tasks"), (submitted.RunId, submitted.TaskName, submitted.Queue));
        Assert.Equal(new Greet("Ada"), submitted.Arguments);
        Assert.Equal(TaskState.Succeeded, (await harness.Client.Find(message.RunId).Snapshot()).State);
    }

    [Fact]
    public async Task A_process_that_only_submits_can_be_tested_without_a_worker()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTaskType<Greet>().Configure(options => options.IsWorker = false));
        var harness = fixture.Harness;

        var run = await harness.Client.Run(new Greet("Ada"));
        await harness.Advance(TimeSpan.FromHours(1));

        Assert.Equal(run.RunId, Assert.Single(harness.Submitted.Of<Greet>()).RunId);
        Assert.Equal(TaskState.Pending, (await run.Snapshot()).State);
    }
}
