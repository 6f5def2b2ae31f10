using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Workflows that wait for somebody or for an instant.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_step_waits_for_its_signal_which_may_come_before_it_is_reached()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(async (Work _, TaskContext context) => await gate.Pass(context.CancellationToken));
        });
        var early = await queue.Client.Run(Workflow.Chain(new Work()).Then(Workflow.WaitForSignal<int>("number")).Then(number => new Twice(number)));
        var late = await queue.Client.Run(Workflow.WaitForSignal<int>("number").Then(number => new Twice(number)));

        await early.Signal("number", 4);
        gate.Open();
        await Eventually(async () => (await late.Snapshot()).State == WorkflowState.Running);
        await late.Signal("number", 5);

        Assert.Equal(8, await early.Result(TaskQueueFixture.Patience));
        Assert.Equal(10, await late.Result(TaskQueueFixture.Patience));
        Assert.Contains("'nubmer'", (await Assert.ThrowsAsync<InvalidOperationException>(() => late.Signal("nubmer"))).Message, StringComparison.Ordinal);
        Assert.Contains("told before", (await Assert.ThrowsAsync<InvalidOperationException>(() => late.Signal("number"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_for_which_no_signal_comes_fails_at_its_timeout_and_one_for_an_instant_goes_on_then()
    {
        await using var queue = await Start(Sums.Add);

        var silent = await queue.Client.Run(Workflow.WaitForSignal<int>("number", TimeSpan.FromMilliseconds(200)).Then(number => new Twice(number)));
        var patient = await queue.Client.Run(Workflow.Wait(TimeSpan.FromMilliseconds(200)).Then(new Twice(4)));

        Assert.Equal((WorkflowState.Failed, FailureKind.TimedOut), ((await silent.Completion(TaskQueueFixture.Patience)).State, (await silent.Snapshot()).Failure!.Kind));
        Assert.Equal(8, await patient.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_workflow_expires_at_its_deadline_with_all_that_runs_in_it()
    {
        var gate = new Gate();
        await using var queue = await StartWork(async context => await gate.Pass(context.CancellationToken));

        var workflow = await queue.Client.Run(Workflow.Chain(new Work()).Then(new Work()), new WorkflowOptions { Timeout = TimeSpan.FromMilliseconds(500) });
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Expired, end.State);
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State == TaskState.Revoked));
    }
}
