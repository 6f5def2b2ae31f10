using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Workflows that fail, that are taken back, retried, waited for, and that grow.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_group_waits_for_all_before_it_fails()
    {
        await using var queue = await Start(Sums.Add);

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Break(), new Twice(2), new Twice(3)).Then(results => new Total(results)));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Equal([TaskState.Failed, TaskState.Succeeded, TaskState.Succeeded, TaskState.Revoked], end.Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_group_that_fails_fast_revokes_the_others_at_once()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(async (Work _, TaskContext context) => await gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
        });

        var workflow = await queue.Client.Run(Workflow.Group(new Work("waits").ToCall(), Workflow.Chain(new Work("second")), new Break().ToCall()).WithFailurePolicy(FailurePolicy.FailFast));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Equal("Break", end.Failure!.TaskName!.Split('.')[^1]);
        await foreach (var snapshot in (await workflow.Step(end.Steps[0].Name)).Watch())
            end = end with { RevokeReason = snapshot.State.ToString() };
        Assert.Equal(nameof(TaskState.Revoked), end.RevokeReason);
    }

    [Fact]
    public async Task A_group_that_goes_on_gives_what_there_is()
    {
        await using var queue = await Start(Sums.Add);

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Twice(1), new Break(), new Twice(3)).WithFailurePolicy(FailurePolicy.Continue).Then(results => new HowMany(results)));

        Assert.Equal(3, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task What_is_there_for_success_or_failure_is_run_for_it_alone()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work work, TaskContext _) =>
            {
                told.Enqueue(work.Name);
                return Task.CompletedTask;
            });
        });

        var good = await queue.Client.Run(new Twice(2).ToCall().OnSuccess(_ => new Work("good")).OnFailure(_ => new Work("never")));
        var bad = await queue.Client.Run(new Break().ToCall().OnSuccess(_ => new Work("never")).OnFailure(failure => new Work(failure.Step)));
        var goodEnd = await good.Completion(TaskQueueFixture.Patience);
        var badEnd = await bad.Completion(TaskQueueFixture.Patience);
        foreach (var (workflow, index) in new (WorkflowHandle, int)[] { (good, 1), (bad, 2) })
        {
            var step = (await workflow.Snapshot()).Steps[index];
            await (await workflow.Step(step.Name)).Completion(TaskQueueFixture.Patience);
        }

        Assert.Equal((WorkflowState.Succeeded, WorkflowState.Failed), (goodEnd.State, badEnd.State));
        Assert.Equal(new[] { "good", badEnd.Steps[0].Name }.Order(), told.Order());
    }

    [Fact]
    public async Task A_workflow_that_is_revoked_takes_back_what_runs_and_what_waits()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(async (Work _, TaskContext context) => await gate.Pass(context.CancellationToken));
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Work("first")).Then(new Work("second")));
        await gate.Entered;

        var state = await workflow.Revoke("Not needed.");
        var end = await workflow.Completion(TaskQueueFixture.Patience);
        var first = await (await workflow.Step(end.Steps[0].Name)).Completion(TaskQueueFixture.Patience);

        Assert.Equal((WorkflowState.Revoked, "Not needed."), (state, end.RevokeReason));
        Assert.Equal((TaskState.Revoked, "Not needed."), (first.State, first.RevokeReason));
    }

    [Fact]
    public async Task A_workflow_that_failed_is_retried_from_what_failed()
    {
        var isMended = false;
        var calls = 0;
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                (Ask _, TaskContext _) =>
                {
                    Interlocked.Increment(ref calls);
                    return Volatile.Read(ref isMended) ? Task.FromResult<string?>("mended") : throw new InvalidOperationException("broken");
                },
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(2)).Then(new Ask()).Then(text => new Ask(text!)));
        await workflow.Completion(TaskQueueFixture.Patience);
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal()));

        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Equal("mended", await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal(3, calls);
        await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Retry());
    }

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

    [Fact]
    public async Task What_has_succeeded_is_taken_back_in_reverse_order_when_a_later_step_fails()
    {
        var undone = new System.Collections.Concurrent.ConcurrentQueue<string>();
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
        await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Retry());
    }

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

    [Fact]
    public async Task A_member_adds_others_to_its_group()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(async (Spread task, TaskContext context) =>
            {
                for (var number = 1; number <= task.Number; number++)
                    await context.AddToGroup(new Twice(number).ToCall());
                return 1;
            });
        });

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Spread(2), new Twice(10)));

        Assert.Equal([1, 20, 2, 4], await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_watcher_sees_how_far_a_workflow_is_and_results_as_they_come()
    {
        await using var queue = await Start(Sums.Add);
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)).Then(number => new Twice(number)), new WorkflowOptions { Name = "doubling" });

        var seen = new List<WorkflowSnapshot>();
        await foreach (var snapshot in workflow.Watch())
            seen.Add(snapshot);
        var results = new List<int>();
        await foreach (var result in workflow.Results())
            results.Add(result.Result!.As<int>());

        Assert.Equal((WorkflowState.Succeeded, 3, 3, "doubling"), (seen[^1].State, seen[^1].Done, seen[^1].Total, seen[^1].Name));
        Assert.Equal(seen.Select(snapshot => snapshot.Done).Order(), seen.Select(snapshot => snapshot.Done));
        Assert.Equal([2, 4, 8], results);
        Assert.Equal(seen[^1].WorkflowId, (await (await workflow.Step(seen[^1].Steps[1].Name)).Snapshot()).Step!.WorkflowId);
    }

    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (!await isSo())
            await Task.Delay(20, patience.Token);
    }
}
