using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Runs that hand over to workflows.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_handler_hands_over_to_a_workflow_whose_result_is_its_own()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Spread task, TaskContext context) => Task.FromResult(
                context.ContinueAs(Workflow.Chord(Enumerable.Range(1, task.Number).Select(number => new Twice(number)), results => new Total(results)))));
        });

        var alone = await queue.Client.Run(new Spread(3));
        var inside = await queue.Client.Run(Workflow.Chain(new Spread(4)).Then(sum => new Add(sum, 1)));

        Assert.Equal(12, await alone.Result(TaskQueueFixture.Patience));
        Assert.Equal(21, await inside.Result(TaskQueueFixture.Patience));
        var child = await queue.Client.FindWorkflow((await alone.Snapshot()).ContinuedAs!.Value).Snapshot();
        Assert.Equal((alone.RunId, WorkflowState.Succeeded), (child.ParentRunId, child.State));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 3)]
    public async Task What_takes_the_place_of_a_run_has_its_headers_and_its_priority_unless_that_is_the_lowest(int priority, int inherited)
    {
        await using var queue = await Start(builder =>
        {
            builder.AddTask((Spread _, TaskContext context) => Task.FromResult(context.ContinueAs(Workflow.Chain(new Twice(21)))));
            builder.AddTask((Twice twice, TaskContext context) => Task.FromResult(twice.Number + context.Headers["tenant"].Length), task => task.Priority = 5);
        });

        var run = await queue.Client.Run(new Spread(1), new RunOptions { Priority = priority, Headers = new Dictionary<string, string> { ["tenant"] = "acme" } });

        Assert.Equal(25, await run.Result(TaskQueueFixture.Patience));
        var child = queue.Client.FindWorkflow((await run.Snapshot()).ContinuedAs!.Value);
        Assert.Equal(inherited, (await (await child.Step("Twice")).Snapshot()).Priority);
    }

    [Fact]
    public async Task One_of_many_items_hands_over_to_nothing()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Spread task, TaskContext context) => context.ContinueAs(new Twice(task.Number).ToCall()), task => task.Retry.MaxAttempts = 1);
        });

        var workflow = await queue.Client.Run(Workflow.Map([1, 2], number => new Spread(number)));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Contains("what takes its place would take that of all items", end.Failure!.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_of_which_nothing_was_taken_back_is_retried()
    {
        var isMended = false;
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work _, TaskContext _) => { });
            builder.AddTask(
                (Spread task) => Volatile.Read(ref isMended) ? task.Number : throw new InvalidOperationException("broken"),
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Spread(3)).Then(number => new Twice(number), twice => twice.CompensatedBy(_ => new Work("never"))));
        var end = await workflow.Completion(TaskQueueFixture.Patience);
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal()));

        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Equal((WorkflowState.Failed, null), (end.State, end.CompensationId));
        Assert.Equal(6, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task Who_revokes_a_workflow_revokes_what_its_steps_have_handed_over_to()
    {
        var gate = new Gate();
        await using var queue = await StartHandover(gate.Pass);
        var workflow = await queue.Client.Run(Workflow.Chain(new Spread(1)).Then(new Twice(1)));
        await gate.Entered;
        var child = await Continuation(queue, workflow);
        await Eventually(async () => (await (await workflow.Step("Spread")).Snapshot()).State == TaskState.Succeeded);
        Assert.Equal(TaskState.Running, (await workflow.Snapshot()).Steps.Single(step => step.Name == "Spread").State);

        await workflow.Revoke("Not needed.");

        Assert.Equal(WorkflowState.Revoked, (await child.Completion(TaskQueueFixture.Patience)).State);
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State == TaskState.Revoked));
        await Eventually(async () => (await child.Snapshot()).Steps.All(step => step.State == TaskState.Revoked));
    }

    [Fact]
    public async Task Who_revokes_a_run_revokes_what_it_has_handed_over_to()
    {
        var gate = new Gate();
        await using var queue = await StartHandover(gate.Pass);
        var (first, second) = (await queue.Client.Run(new Spread(1)), await queue.Client.Run(new Spread(2)));
        await Eventually(() => gate.Visitors == 2);
        await Task.WhenAll(TaskQueueFixture.EndOf(first), TaskQueueFixture.EndOf(second));

        await first.Revoke();
        var control = queue.Services.GetRequiredService<ITaskControl>();
        var answer = Assert.Single(await control.Revoke([second.RunId]));
        var tooLate = Assert.Single(await control.Revoke([second.RunId]));

        Assert.Equal((RevokeResult.Signalled, RevokeResult.AlreadyFinal), (answer.Result, tooLate.Result));
        foreach (var run in new[] { first, second })
        {
            var error = await Assert.ThrowsAsync<WorkflowFailedException>(() => run.Result(TaskQueueFixture.Patience));
            Assert.Equal(WorkflowState.Revoked, error.Workflow.State);
        }
    }

    [Fact]
    public async Task A_run_that_is_revoked_while_it_ends_by_handing_over_leaves_nothing_behind()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                async (Spread _, TaskContext context) =>
                {
                    await gate.Pass(CancellationToken.None);
                    return context.ContinueAs(Workflow.WaitForSignal<int>("never"));
                },
                task => task.Execution = HandlerExecution.Async);
        });
        var run = await queue.Client.Run(new Spread(1));
        await gate.Entered;

        await run.Revoke();
        gate.Open();
        var end = await TaskQueueFixture.EndOf(run);

        var what = end.State == TaskState.Succeeded ? (await queue.Client.FindWorkflow(end.ContinuedAs!.Value).Completion(TaskQueueFixture.Patience)).State.ToString() : end.State.ToString();
        Assert.Equal(nameof(TaskState.Revoked), what);
    }

    [Fact]
    public async Task A_retry_goes_on_with_what_a_step_has_handed_over_to_where_that_failed()
    {
        var isMended = false;
        var (whole, again) = (0, 0);
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Spread _, TaskContext context) => Task.FromResult(context.ContinueAs(Workflow.Chain(new Work()).Then(new Ask()).Then(new Twice(4)))));
            builder.AddTask((Work _, TaskContext _) => Task.FromResult(Interlocked.Increment(ref whole)));
            builder.AddTask(
                (Ask _, TaskContext _) => Interlocked.Increment(ref again) > 0 && Volatile.Read(ref isMended) ? Task.FromResult<string?>("") : throw new InvalidOperationException("broken"),
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Spread(1)).Then(number => new Twice(number)));
        Assert.Equal(WorkflowState.Failed, (await workflow.Completion(TaskQueueFixture.Patience)).State);

        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Equal(16, await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal((1, 2), (whole, again));
    }

    [Fact]
    public async Task A_retry_starts_anew_what_was_taken_back()
    {
        var isMended = false;
        var done = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Spread _, TaskContext context) => Task.FromResult(
                context.ContinueAs(Workflow.Chain(TaskCall.Of(new Work("do")).CompensatedBy(new Work("undo"))).Then(new Ask()).Then(new Twice(4)))));
            builder.AddTask((Work work, TaskContext _) =>
            {
                done.Enqueue(work.Name);
                return Task.CompletedTask;
            });
            builder.AddTask(
                (Ask _, TaskContext _) => Volatile.Read(ref isMended) ? Task.FromResult<string?>("") : throw new InvalidOperationException("broken"), task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Spread(1)).Then(number => new Twice(number)));
        await workflow.Completion(TaskQueueFixture.Patience);

        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Equal(16, await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal(["do", "undo", "do"], done);
    }

    /// <summary>Starts a queue on which <see cref="Spread"/> hands over to <see cref="Work"/> and another step.</summary>
    private Task<TaskQueueFixture> StartHandover(Func<CancellationToken, Task> work) => Start(builder =>
    {
        Sums.Add(builder);
        builder.AddTask((Spread _, TaskContext context) => Task.FromResult(context.ContinueAs(Workflow.Chain(new Work()).Then(new Twice(1)))));
        builder.AddTask((Work _, TaskContext context) => work(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
    });

    /// <summary>The workflow to which the first step has handed over.</summary>
    private static async Task<WorkflowHandle> Continuation(TaskQueueFixture queue, WorkflowHandle workflow)
    {
        var step = await workflow.Step((await workflow.Snapshot()).Steps[0].Name);
        return queue.Client.FindWorkflow((await step.Completion(TaskQueueFixture.Patience)).ContinuedAs!.Value);
    }
}
