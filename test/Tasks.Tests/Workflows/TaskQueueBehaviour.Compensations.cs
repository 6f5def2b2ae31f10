using System.Collections.Concurrent;

using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>What workflows take back.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task What_has_succeeded_is_taken_back_in_reverse_order_when_a_later_step_fails()
    {
        var undone = new ConcurrentQueue<string>();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work work, TaskContext _) =>
            {
                undone.Enqueue(work.Name);
                return Task.CompletedTask;
            });
            builder.AddTask((Ask ask, TaskContext _) => Task.FromResult<string?>(ask.Question));
        });

        var workflow = await queue.Client.Run(
            Workflow.Chain(new Ask("hotel").ToCall().CompensatedBy(result => new Work(result!)))
                .Then(new Ask("flight").ToCall().CompensatedBy(result => new Work(result!)))
                .Then(new Break())
                .Then(new Ask("car").ToCall().CompensatedBy(result => new Work(result!))));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Equal(["flight", "hotel"], undone);
        var undoing = await queue.Client.FindWorkflow(end.CompensationId!.Value).Snapshot();
        Assert.Equal((WorkflowState.Succeeded, workflow.WorkflowId, workflow.WorkflowId), (undoing.State, undoing.ParentId, undoing.RootId));
        await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Retry());
    }

    [Fact]
    public async Task A_compensation_that_fails_does_not_keep_the_next_from_being_run_and_is_shown_as_failed()
    {
        var undone = new ConcurrentQueue<string>();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Ask ask) => ask.Question);
            builder.AddTask(
                (Work work) =>
                {
                    undone.Enqueue(work.Name);
                    if (work.Name == "flight")
                        throw new InvalidOperationException("The airline does not answer.");
                },
                task => (task.Retry.MaxAttempts, task.Retry.Delay) = (2, TimeSpan.Zero));
        });

        var workflow = await queue.Client.Run(
            Workflow.Chain(new Ask("hotel").ToCall().Named("hotel").CompensatedBy(result => new Work(result!)))
                .Then(new Ask("flight").ToCall().Named("flight").CompensatedBy(result => new Work(result!)))
                .Then(new Break()));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(["flight", "flight", "hotel"], undone);
        Assert.Equal((WorkflowState.Failed, "Break"), (end.State, end.Failure!.Step));
        var undoing = await queue.Client.FindWorkflow(end.CompensationId!.Value).Snapshot();
        Assert.Equal((WorkflowState.Failed, "undo flight", "The airline does not answer."), (undoing.State, undoing.Failure!.Step, undoing.Failure.Error!.Message));
        Assert.Equal([TaskState.Failed, TaskState.Succeeded], undoing.Steps.Select(step => step.State));
    }
}
