using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Workflows, from their submission to their end.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task Steps_of_chains_keep_to_the_limits_of_their_tasks()
    {
        var gate = new Gate();
        var (inside, most) = (0, 0);
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                async (Work _, TaskContext context) =>
                {
                    var now = Interlocked.Increment(ref inside);
                    lock (gate)
                        most = Math.Max(most, now);
                    await gate.Pass(context.CancellationToken);
                    Interlocked.Decrement(ref inside);
                },
                task => (task.Limit.MaxConcurrent, task.Execution) = (1, HandlerExecution.Async));
        });
        var chain = Workflow.Chain(new Twice(1)).Then(new Work()).Then(new Work()).Then(new Twice(2));

        var chains = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => queue.Client.Run(chain)));
        await Eventually(async () => await queue.Monitor.CountLimited() == 2);
        gate.Open();

        Assert.All(await Task.WhenAll(chains.Select(one => one.Result(TaskQueueFixture.Patience))), result => Assert.Equal(4, result));
        Assert.Equal((1, 6), (most, gate.Visitors));
    }

    [Fact]
    public async Task A_chain_hands_each_result_on_to_the_next_step()
    {
        await using var queue = await Start(Sums.Add);

        var workflow = await queue.Client.Run(Workflow.Chain(new Add(1, 2)).Then(sum => new Add(sum, 10)).Then(sum => new Twice(sum)));

        Assert.Equal(26, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_chain_that_is_longer_than_what_travels_together_runs_to_its_end()
    {
        await using var queue = await Start(Sums.Add);
        var chain = Enumerable.Range(0, 30).Aggregate((Workflow<int>)Workflow.Chain(new Add(0, 0)), (chain, _) => chain.Then(sum => new Add(sum, 1)));

        var workflow = await queue.Client.Run(chain);

        Assert.Equal(30, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_step_can_be_followed_before_it_is_submitted()
    {
        var gate = new Gate();
        await using var queue = await Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Work _) => gate.Pass());
        });

        var workflow = await queue.Client.Run(Workflow.Chain(new Work()).Then(new Add(1, 2)));
        var sum = await workflow.Step("Add");
        var states = sum.Watch().Select(run => run.State).ToArrayAsync().AsTask();
        var end = sum.Completion(TaskQueueFixture.Patience);
        gate.Open();

        Assert.Equal(3, (await end).Result!.As<int>());
        Assert.Equal(TaskState.Succeeded, (await states.WaitAsync(TaskQueueFixture.Patience))[^1]);
    }

    [Fact]
    public async Task Who_waits_for_a_step_that_is_never_run_hears_that_there_is_no_such_run()
    {
        await using var queue = await Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask(void (Work _) => throw new RejectTaskException("Broken."));
        });

        var workflow = await queue.Client.Run(Workflow.Chain(new Work()).Then(new Add(1, 2)));
        var sum = await workflow.Step("Add");

        await Assert.ThrowsAsync<TaskNotFoundException>(() => sum.Completion(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_group_gives_its_results_in_the_order_of_its_members()
    {
        await using var queue = await Start(Sums.Add);

        var workflow = await queue.Client.Run(Workflow.Group(Enumerable.Range(0, 50).Select(number => new Twice(number))));

        Assert.Equal(Enumerable.Range(0, 50).Select(number => 2 * number), await workflow.Result(TaskQueueFixture.Patience));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_callback_of_a_chord_gets_the_list_of_results_also_of_one_and_of_none(int members)
    {
        await using var queue = await Start(Sums.Add);

        var workflow = await queue.Client.Run(Workflow.Chord(Enumerable.Range(1, members).Select(number => new Twice(number)), results => new Total(results)));

        Assert.Equal(Enumerable.Range(1, members).Sum(number => 2 * number), await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_step_that_fails_ends_the_chain_and_what_follows_is_not_run()
    {
        await using var queue = await Start(Sums.Add);

        var workflow = await queue.Client.Run(Workflow.Chain(new Add(1, 2)).Then(sum => new Break(sum)).Then(sum => new Twice(sum)));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Equal([TaskState.Succeeded, TaskState.Failed, TaskState.Revoked], end.Steps.Select(step => step.State));
        Assert.Equal(("InvalidOperationException", 3), (end.Failure!.Error!.Type.Split('.')[^1], end.Total));
        await Assert.ThrowsAsync<WorkflowFailedException>(() => workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_chain_that_begins_with_a_unique_call_begins_with_the_only_one()
    {
        var gate = new Gate();
        await using var queue = await StartWork(context => gate.Pass(context.CancellationToken));
        var unique = new Work("only").ToCall() with { Options = new RunOptions { Unique = new UniqueOptions { Scope = UniqueScope.UntilFinal } } };

        var first = await queue.Client.Run(Workflow.Chain(unique).Then(new Work("next")));
        await gate.Entered;
        var second = await queue.Client.Run(Workflow.Chain(unique).Then(new Work("next")));
        var end = await second.Completion(TaskQueueFixture.Patience);
        gate.Open();

        Assert.Equal((WorkflowState.Failed, TaskState.Revoked), (end.State, end.Failure!.State));
        Assert.Equal(WorkflowState.Succeeded, (await first.Completion(TaskQueueFixture.Patience)).State);
        Assert.Equal(2, gate.Visitors);
    }
}
