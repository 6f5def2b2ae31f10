using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Steps that are revoked before anything is known of their runs.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_step_that_is_revoked_before_its_turn_ends_at_once_and_its_chain_with_it()
    {
        var gate = new Gate();
        await using var queue = await StartGate(gate);
        var workflow = await queue.Client.Run(Workflow.Chain(new Work().ToCall().Named("first")).Then(new Twice(1).ToCall().Named("second")).Then(new Twice(2).ToCall().Named("third")));
        await gate.Entered;

        var step = await (await workflow.Step("second")).Revoke("Not needed.");
        var end = await AllSteps(workflow);

        Assert.Equal((TaskState.Revoked, "Not needed."), (step.State, step.RevokeReason));
        Assert.Equal((WorkflowState.Failed, "second", TaskState.Revoked), (end.State, end.Failure!.Step, end.Failure.State));
        Assert.All(end.Steps, one => Assert.Equal(TaskState.Revoked, one.State));
    }

    [Fact]
    public async Task A_step_is_revoked_by_the_id_of_its_run_alone_whether_its_turn_has_come_or_not()
    {
        var gate = new Gate();
        await using var queue = await StartGate(gate);
        var (first, second) = (await queue.Client.Run(Chain()), await queue.Client.Run(Chain()));
        var ids = new List<Guid>();
        foreach (var workflow in new[] { first, second })
            ids.Add((await workflow.Snapshot()).Steps[1].RunId!.Value);
        var control = queue.Services.GetRequiredService<ITaskControl>();

        var byHandle = await queue.Client.Find(ids[0]).Revoke();
        var answers = await control.Revoke([ids[1], Guid.CreateVersion7()]);
        var again = Assert.Single(await control.Revoke([ids[1]]));

        Assert.Equal(TaskState.Revoked, byHandle.State);
        Assert.Equal([RevokeResult.Revoked, RevokeResult.NotFound], answers.Select(answer => answer.Result));
        Assert.Equal(RevokeResult.AlreadyFinal, again.Result);
        foreach (var workflow in new[] { first, second })
            Assert.Equal((WorkflowState.Failed, "later"), ((await workflow.Completion(TaskQueueFixture.Patience)).State, (await workflow.Snapshot()).Failure!.Step));

        static Workflow Chain() => Workflow.Chain(new Work()).Then(new Twice(1).ToCall().Named("later"));
    }

    [Fact]
    public async Task A_member_that_is_revoked_before_its_turn_follows_the_policy_of_its_group_and_what_stood_before_it_does_not_outlive_the_workflow()
    {
        var gate = new Gate();
        await using var queue = await StartGate(gate);
        var member = Workflow.Chain(new Work().ToCall().Named("before")).Then(new Twice(1).ToCall().Named("revoked"));
        var workflow = await queue.Client.Run(Workflow.Group(member, new Twice(2).ToCall()).WithFailurePolicy(FailurePolicy.Continue).Then(results => new HowMany(results)));
        await gate.Entered;

        await (await workflow.Step("revoked")).Revoke();

        Assert.Equal(2, await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal([TaskState.Revoked, TaskState.Revoked, TaskState.Succeeded, TaskState.Succeeded], (await AllSteps(workflow)).Steps.Select(step => step.State));
    }

    [Fact]
    public async Task What_is_purged_from_a_queue_are_also_steps_that_travel_on_routing_slips()
    {
        await using var queue = await Start(Sums.Add);
        await Queues(queue).Pause(queue.Options.DefaultQueue);
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)));
        var purged = 0;

        await Eventually(async () => (purged += await Queues(queue).Purge(queue.Options.DefaultQueue, "wrong tenant")) > 0);
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(1, purged);
        Assert.Equal((WorkflowState.Failed, "wrong tenant"), (end.State, end.Failure!.Reason));
        Assert.Equal([TaskState.Revoked, TaskState.Revoked], end.Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_message_from_before_a_retry_neither_runs_its_step_a_second_time_nor_begins_fencing_tokens_anew()
    {
        var tokens = new System.Collections.Concurrent.ConcurrentQueue<long>();
        await using var queue = await Start(builder =>
        {
            builder.Configure(options => options.Concurrency = 1);
            builder.AddTask((Work _, TaskContext context) => tokens.Enqueue(context.FencingToken));
            builder.AddTask((Ask ask) => ask.Question);
        });
        var name = queue.Options.DefaultQueue;
        await Queues(queue).Pause(name);
        var workflow = await queue.Client.Run(Workflow.Group(new Work().ToCall(), new Work().ToCall()));
        await Eventually(async () => await queue.Monitor.Count(TaskState.Pending) == 2);

        await workflow.Revoke();
        await AllSteps(workflow);
        await workflow.Retry();
        var behindAll = await queue.Client.Run(new Ask("last"));
        await Queues(queue).Resume(name);

        Assert.Equal(WorkflowState.Succeeded, (await workflow.Completion(TaskQueueFixture.Patience)).State);
        await behindAll.Completion(TaskQueueFixture.Patience);
        Assert.Equal([(1L << 32) + 1, (1L << 32) + 1], tokens);
    }

    /// <summary>Starts a queue on which <see cref="Work"/> waits for a gate, or for its revocation.</summary>
    private Task<TaskQueueFixture> StartGate(Gate gate) => Start(builder =>
    {
        Sums.Add(builder);
        builder.AddTask(async (Work _, TaskContext context) => await gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
    });
}
