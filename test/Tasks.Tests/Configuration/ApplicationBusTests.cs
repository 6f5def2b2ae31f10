using MassTransit;

using MassTransit.Transports;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TasksBus.Tests.Configuration;

/// <summary>A task queue in an application that has a bus of its own before, after or around it, several, or none.</summary>
public sealed class ApplicationBusTests
{
    public static TheoryData<Situation, bool> Situations() => With(Enum.GetValues<Situation>());

    public static TheoryData<Situation, bool> SituationsWithBus() => With(Enum.GetValues<Situation>().Where(situation => situation.HasBus()));

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_run_submitted_right_after_the_start_is_worked_on(Situation situation, bool configuresEndpoints)
    {
        await using var queue = await Application.Start(situation, configuresEndpoints);

        var run = await queue.Client.Run(new Add(2, 3));

        Assert.Equal(5, await run.Result(TaskQueueFixture.Patience));
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task The_state_of_a_run_can_be_asked_for(Situation situation, bool configuresEndpoints)
    {
        await using var queue = await Application.Start(situation, configuresEndpoints);
        var run = await queue.Client.Run(new Add(2, 3));
        await TaskQueueFixture.EndOf(run);

        var known = await StateOf(queue, run.RunId);
        var unknown = await StateOf(queue, Guid.NewGuid());

        Assert.Equal((TaskState.Succeeded, TaskState.NotFound), (known.State, unknown.State));
    }

    [Theory]
    [MemberData(nameof(SituationsWithBus))]
    public async Task The_consumers_of_the_application_go_on_working(Situation situation, bool configuresEndpoints)
    {
        await using var queue = await Application.Start(situation, configuresEndpoints);
        var inbox = queue.Services.GetRequiredService<Application.Inbox>();

        await Started(queue);
        var bus = queue.Services.GetRequiredService<IBus>();
        await bus.Publish(new Application.OrderPlaced(1));
        await bus.Publish(new Application.OrderPlaced(2));

        Assert.Equal([1, 2], (await Task.WhenAll(inbox.Next(), inbox.Next())).Order());
    }

    [Theory]
    [InlineData(Situation.OtherBusOnly)]
    [InlineData(Situation.OtherBusBefore)]
    [InlineData(Situation.OtherBusAfter)]
    public async Task The_other_buses_of_the_application_go_on_working(Situation situation)
    {
        await using var queue = await Application.Start(situation, configuresEndpoints: true);
        var inbox = queue.Services.GetRequiredService<Application.Inbox>();

        await Started(queue);
        await queue.Services.GetRequiredService<Application.IOtherBus>().Publish(new Application.OrderPlaced(1));

        Assert.Equal(1, await inbox.Next());
    }

    [Theory]
    [MemberData(nameof(SituationsWithBus))]
    public async Task A_run_that_the_application_publishes_is_worked_on_and_tracked(Situation situation, bool configuresEndpoints)
    {
        await using var queue = await Application.Start(situation, configuresEndpoints);
        await Started(queue);
        var message = new RunTask<Add>(new Add(2, 3)) { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } };

        await queue.Services.GetRequiredService<IBus>().Publish(message);

        var end = await Tracked(queue, message.RunId);
        Assert.Equal((TaskState.Succeeded, 5, TaskName.Of(typeof(Add)), "tasks"), (end.State, end.Result?.As<int>(), end.TaskName, end.Queue));
        Assert.Equal((message.SubmittedAt, "acme"), (end.SubmittedAt, end.Headers["tenant"]));
        Assert.Equal(new Add(2, 3), end.Arguments?.As<Add>());
        Assert.Single(end.Attempts);
    }

    [Fact]
    public async Task A_delayed_run_that_the_application_publishes_waits_for_its_instant()
    {
        await using var queue = await Application.Start(Situation.BusBefore, configuresEndpoints: true);
        await Started(queue);
        var message = new RunTask<Add>(new Add(2, 3)) { NotBefore = TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(300) };

        await queue.Services.GetRequiredService<IBus>().Publish(message);

        var end = await Tracked(queue, message.RunId);
        Assert.Equal(5, end.Result?.As<int>());
        Assert.True(end.StartedAt >= message.NotBefore, $"It started at {end.StartedAt:O}, before {message.NotBefore:O}.");
    }

    [Fact]
    public async Task A_run_that_the_application_publishes_too_late_expires()
    {
        await using var queue = await Application.Start(Situation.BusBefore, configuresEndpoints: true);
        await Started(queue);
        var message = new RunTask<Add>(new Add(2, 3)) { ExpiresAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1) };

        await queue.Services.GetRequiredService<IBus>().Publish(message);

        Assert.Equal(TaskState.Expired, (await Tracked(queue, message.RunId)).State);
    }

    [Fact]
    public async Task A_run_can_be_revoked_over_the_bus()
    {
        await using var queue = await Application.Start(Situation.BusBefore, configuresEndpoints: true);
        await Started(queue);
        var run = await queue.Client.Run(new Add(2, 3), new RunOptions { Delay = TimeSpan.FromHours(1) });

        await queue.Services.GetRequiredService<IBus>().Publish(new RevokeTask(run.RunId, "Not needed."));

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Revoked, "Not needed."), (end.State, end.RevokeReason));
    }

    [Fact]
    public async Task A_step_whose_turn_has_not_come_can_be_revoked_over_the_bus()
    {
        await using var queue = await Application.Start(Situation.BusBefore, configuresEndpoints: true);
        await Started(queue);
        var workflow = await queue.Client.Run(Workflow.WaitForSignal("never").Then(new Add(2, 3).ToCall().Named("later")));

        await queue.Services.GetRequiredService<IBus>().Publish(new RevokeTask((await workflow.Snapshot()).Steps[1].RunId!.Value, "Not needed."));

        var end = await workflow.Completion(TaskQueueFixture.Patience);
        Assert.Equal((WorkflowState.Failed, "later", "Not needed."), (end.State, end.Failure!.Step, end.Failure.Reason));
    }

    [Fact]
    public async Task A_revocation_that_overtakes_its_run_waits_for_it()
    {
        await using var queue = await Application.Start(Situation.BusBefore, configuresEndpoints: true);
        await Started(queue);
        var bus = queue.Services.GetRequiredService<IBus>();
        var message = new RunTask<Add>(new Add(2, 3)) { NotBefore = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1) };

        await bus.Publish(new RevokeTask(message.RunId, "Not needed."));
        await Task.Delay(TimeSpan.FromMilliseconds(100));
        await bus.Publish(message);

        var end = await Tracked(queue, message.RunId);
        Assert.Equal((TaskState.Revoked, "Not needed."), (end.State, end.RevokeReason));
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task The_usage_telemetry_of_MassTransit_is_off(Situation situation, bool configuresEndpoints)
    {
        await using var queue = await Application.Start(situation, configuresEndpoints);

        var telemetry = queue.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value;

        Assert.False(telemetry.Enabled);
    }

    [Fact]
    public async Task A_task_queue_with_a_bus_of_its_own_leaves_that_of_the_application_alone_even_if_its_broker_is_away()
    {
        await using var queue = await TaskQueueFixture.StartHost(services => services
            .AddSingleton<Application.Inbox>()
            .AddMassTransit(bus =>
            {
                bus.AddConsumer<Application.OrderConsumer>();
                bus.UsingInMemory((context, configurator) => configurator.ConfigureEndpoints(context));
            })
            .AddTaskQueue(queue => queue
                .UseRabbitMq("amqp://guest:secret@127.0.0.1:9")
                .Configure(options => options.SubmitTimeout = TimeSpan.FromMilliseconds(500))
                .AddTask((Add task) => task.X + task.Y)));

        var error = await Assert.ThrowsAsync<SubmitException>(() => queue.Client.Run(new Add(2, 3)).WaitAsync(TaskQueueFixture.Patience));
        await queue.Services.GetRequiredService<IBus>().Publish(new Application.OrderPlaced(1));

        Assert.Equal(1, await queue.Services.GetRequiredService<Application.Inbox>().Next());
        Assert.Contains("127.0.0.1:9", error.Message, StringComparison.Ordinal);
        Assert.Contains("See that it runs and can be reached", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Ends when every bus has started: what an application publishes before, MassTransit's in-memory broker drops.</summary>
    private static async Task Started(TaskQueueFixture queue) =>
        await Task.WhenAll(queue.Services.GetServices<IBusInstance>().Select(bus => bus.BusControl.WaitForHealthStatus(BusHealthStatus.Healthy, TaskQueueFixture.Patience)));

    private static async Task<TaskSnapshot> StateOf(TaskQueueFixture queue, Guid runId)
    {
        await using var scope = queue.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<IRequestClient<GetTaskState>>().GetResponse<TaskSnapshot>(new GetTaskState(runId))).Message;
    }

    /// <summary>The end of a run that was published, and is not recorded yet.</summary>
    private static async Task<TaskSnapshot> Tracked(TaskQueueFixture queue, Guid runId)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await queue.Client.Find(runId).Snapshot(patience.Token)).State == TaskState.NotFound)
            await Task.Yield();
        return await TaskQueueFixture.EndOf(queue.Client.Find(runId));
    }

    private static TheoryData<Situation, bool> With(IEnumerable<Situation> situations)
    {
        var data = new TheoryData<Situation, bool>();
        foreach (var situation in situations)
        {
            data.Add(situation, true);
            data.Add(situation, false);
        }

        return data;
    }
}
