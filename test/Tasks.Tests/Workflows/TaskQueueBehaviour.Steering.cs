using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Workflows that fail, that are taken back, retried and watched.</content>
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

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_group_that_goes_on_does_not_when_a_step_before_it_has_failed(int members)
    {
        await using var queue = await Start(Sums.Add);
        var group = Workflow.Group(Enumerable.Range(0, members).Select(number => new Twice(number))).WithFailurePolicy(FailurePolicy.Continue);

        var workflow = await queue.Client.Run(Workflow.Chain(new Break()).Then(group).Then(results => new HowMany(results)));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal((WorkflowState.Failed, "Break"), (end.State, end.Failure!.Step));
        Assert.All(end.Steps.Skip(1), step => Assert.Equal(TaskState.Revoked, step.State));
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
        var tokens = new System.Collections.Concurrent.ConcurrentQueue<long>();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                (Ask _, TaskContext context) =>
                {
                    tokens.Enqueue(context.FencingToken);
                    return Volatile.Read(ref isMended) ? Task.FromResult<string?>("mended") : throw new InvalidOperationException("broken");
                },
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(2)).Then(new Ask()).Then(text => new Ask(text!)));
        await workflow.Completion(TaskQueueFixture.Patience);
        await Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal()));

        var failed = (await workflow.Snapshot()).Steps.Single(step => step.State == TaskState.Failed);
        var control = queue.Services.GetRequiredService<ITaskControl>();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => control.Replay(failed.RunId!.Value));
        Assert.Contains($"is step '{failed.Name}' of workflow {workflow.WorkflowId}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await control.Replay(new TaskQuery()));
        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Equal("mended", await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal([1, (1L << 32) + 1, (1L << 32) + 1], tokens);
        await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.Retry());
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

    [Fact]
    public async Task Results_come_while_later_steps_still_run()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work _, TaskContext context) => gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)).Then(new Work()));

        var results = new List<int>();
        await foreach (var result in workflow.Results())
        {
            if (result.Result?.As<int>() is { } number)
                results.Add(number);
            if (results.Count == 2)
                gate.Open();
        }

        Assert.Equal([2, 4], results);
    }

    [Fact]
    public async Task A_watcher_sees_that_a_workflow_takes_back_what_it_did_before_anything_of_that_has_ended()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work _, TaskContext _) => gate.Pass(CancellationToken.None), task => task.Execution = HandlerExecution.Async);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(1).ToCall().CompensatedBy(new Twice(2))).Then(new Work()));
        await gate.Entered;

        var states = new List<WorkflowState>();
        await foreach (var snapshot in workflow.Watch())
        {
            states.Add(snapshot.State);
            if (snapshot.State == WorkflowState.Running)
                await workflow.Revoke();
            else
                gate.Open();
        }

        Assert.Equal([WorkflowState.Running, WorkflowState.Compensating, WorkflowState.Revoked], states.Distinct());
    }

    [Fact]
    public async Task Snapshots_share_what_has_not_changed_and_steps_after_a_join_what_they_wait_for()
    {
        await using var queue = await Start(Sums.Add);
        var fork = Workflow.Group(Enumerable.Range(0, 20).Select(number => new Twice(number))).ThenGroup<int>(results => new Total(results), results => new HowMany(results));
        var workflow = await queue.Client.Run(fork.Then(Workflow.WaitForSignal("go")));

        var (seen, isTold) = (new List<WorkflowSnapshot>(), false);
        await foreach (var snapshot in workflow.Watch())
        {
            seen.Add(snapshot);
            if (snapshot.Done < 22 || isTold)
                continue;
            isTold = true;
            await workflow.Signal("go");
        }

        var (before, last) = (seen.Last(snapshot => snapshot.Done == 22), seen[^1]);
        Assert.Equal(23, last.Done);
        Assert.All(before.Steps.Zip(last.Steps).SkipLast(1), steps => Assert.Same(steps.First, steps.Second));
        Assert.Equal(last.Steps.Take(20).Select(step => step.Name), last.Steps[20].After);
        Assert.Same(last.Steps[20].After, last.Steps[21].After);
    }
}
