using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Workflows that go on in the place of steps, found and told through those.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task The_tree_is_walked_through_steps_that_have_handed_over_and_back_to_the_root()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Spread task, TaskContext context) => Task.FromResult(
                context.ContinueAs(task.Number > 0 ? Workflow.Chain(new Spread(task.Number - 1)) : Workflow.WaitForSignal<int>("number"))));
        });
        var outer = await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(new Spread(1)));

        var (first, inner) = await Below(outer);
        var (second, innermost) = await Below(inner);
        await innermost.Signal("number", 21);

        Assert.Equal(21, await outer.Result<int>(TaskQueueFixture.Patience));
        foreach (var (child, parent, run) in new[] { (inner, outer, first.RunId), (innermost, inner, second.RunId) })
        {
            var snapshot = await child.Snapshot();
            Assert.Equal((parent.WorkflowId, run, outer.WorkflowId), (snapshot.ParentId, snapshot.ParentRunId, snapshot.RootId));
            Assert.Equal(child.WorkflowId, (await parent.Snapshot()).Steps[^1].ContinuedAs);
        }

        async Task<(StepSnapshot Step, WorkflowHandle Workflow)> Below(WorkflowHandle workflow)
        {
            var step = await HandedOver(workflow);
            return (step, queue.Client.FindWorkflow(step.ContinuedAs!.Value));
        }
    }

    [Fact]
    public async Task A_signal_reaches_the_workflow_to_which_a_step_has_handed_over()
    {
        await using var queue = await StartSignalled();
        var workflow = await queue.Client.Run(Workflow.Chain(new Spread(1)).Then(number => new Twice(number)));
        await HandedOver(workflow);

        var unknown = await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Signal("nubmer", 5));
        var unfit = await Assert.ThrowsAsync<ArgumentException>(() => workflow.Signal("number", new[] { 5 }));
        await workflow.Signal("number", 5);

        Assert.Contains("Did you mean 'number'?", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Step 'number' of workflow", unfit.Message, StringComparison.Ordinal);
        Assert.Equal(20, await workflow.Result(TaskQueueFixture.Patience));
        await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Signal("number", 6));
    }

    [Fact]
    public async Task A_signal_is_for_the_workflow_s_own_step_before_it_is_for_one_that_goes_on_in_the_place_of_another()
    {
        await using var queue = await StartSignalled();
        var workflow = await queue.Client.Run(Workflow.Group(new Spread(1).ToCall(), Workflow.WaitForSignal<int>("number")));
        await HandedOver(workflow);

        await workflow.Signal("number", 1);
        await workflow.Signal("number", 2);

        Assert.Equal([4, 1], await workflow.Result(TaskQueueFixture.Patience));
    }

    /// <summary>Starts a queue on which <see cref="Spread"/> hands over to a workflow that waits for a signal.</summary>
    private Task<TaskQueueFixture> StartSignalled() => Start(builder =>
    {
        Sums.Add(builder);
        builder.AddTask((Spread _, TaskContext context) => Task.FromResult(context.ContinueAs(Workflow.WaitForSignal<int>("number").Then(number => new Twice(number)))));
    });

    /// <summary>The step of a workflow that has handed over.</summary>
    private static async Task<StepSnapshot> HandedOver(WorkflowHandle workflow)
    {
        StepSnapshot? step = null;
        await Eventually(async () => (step = (await workflow.Snapshot()).Steps.FirstOrDefault(one => one.ContinuedAs is not null)) is not null);
        return step!;
    }
}
