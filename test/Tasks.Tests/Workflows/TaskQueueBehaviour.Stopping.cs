using System.Collections.Concurrent;

using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Workflows that stop while their steps take no notice.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_workflow_that_is_revoked_starts_nothing_after_a_step_that_succeeds_all_the_same()
    {
        var (begun, gate) = (new ConcurrentQueue<string>(), new Gate());
        await using var queue = await StartStubborn(begun, gate, stubborn: "3");
        var steps = Enumerable.Range(2, 49).Aggregate((Workflow)new Work("1").ToCall(), (chain, number) => chain.Then(new Work($"{number}")));
        var workflow = await queue.Client.Run(steps);
        await gate.Entered;

        await workflow.Revoke();
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal()));

        Assert.Equal(["1", "2", "3"], begun);
        Assert.Equal([TaskState.Succeeded, TaskState.Succeeded, TaskState.Succeeded, TaskState.Revoked], (await workflow.Snapshot()).Steps.Take(4).Select(step => step.State));
    }

    [Fact]
    public async Task A_group_that_fails_fast_starts_nothing_after_a_step_that_succeeds_all_the_same()
    {
        var (begun, gate) = (new ConcurrentQueue<string>(), new Gate());
        await using var queue = await StartStubborn(begun, gate, stubborn: "1");
        var member = Workflow.Chain(new Work("1").ToCall(), Workflow.Group(new Work("2").ToCall(), Workflow.WaitForSignal("never")));

        var hasty = Workflow.Group(member, new Spread(1).ToCall().Then(number => new Break(number))).WithFailurePolicy(FailurePolicy.FailFast);
        var workflow = await queue.Client.Run(Workflow.Group(hasty, Workflow.WaitForSignal("other")));
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal() || step.Name == "other"));

        Assert.Equal(["1"], begun);
        Assert.Equal(WorkflowState.Running, (await workflow.Snapshot()).State);
    }

    /// <summary>Starts a task queue in which one step goes on until it is asked to end, and then succeeds.</summary>
    private Task<TaskQueueFixture> StartStubborn(ConcurrentQueue<string> begun, Gate gate, string stubborn) => Start(builder =>
    {
        Sums.Add(builder);
        builder.AddTask(async (Spread spread, TaskContext _) =>
        {
            await gate.Entered;
            return spread.Number;
        });
        builder.AddTask(
            async (Work work, TaskContext context) =>
            {
                begun.Enqueue(work.Name);
                if (work.Name == stubborn)
                    await gate.Pass(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            },
            task => task.Execution = HandlerExecution.Async);
    });
}
