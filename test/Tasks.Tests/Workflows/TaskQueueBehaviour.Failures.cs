using System.Collections.Concurrent;

using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>What follows when a part of a workflow does not succeed, whatever the reason: the waiting end hears of it, once.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_step_that_is_revoked_ends_its_chain_and_nothing_after_it_stays_pending()
    {
        var gate = new Gate();
        await using var queue = await StartWork(context => gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
        var workflow = await queue.Client.Run(Workflow.Chain(new Work().ToCall().Named("first")).Then(new Work()).Then(new Work()));
        await gate.Entered;

        await (await workflow.Step("first")).Revoke();
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal((WorkflowState.Failed, "first", TaskState.Revoked), (end.State, end.Failure!.Step, end.Failure.State));
        Assert.All(end.Steps, step => Assert.Equal(TaskState.Revoked, step.State));
    }

    [Fact]
    public async Task A_member_that_is_revoked_reaches_the_join()
    {
        var gate = new Gate();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                async (Spread _, TaskContext context) =>
                {
                    await gate.Pass(context.CancellationToken);
                    return 1;
                },
                task => task.Execution = HandlerExecution.Async);
        });
        var workflow = await queue.Client.Run(
            Workflow.Group(new Spread(1).ToCall().Named("revoked"), new Twice(3).ToCall()).WithFailurePolicy(FailurePolicy.Continue).Then(results => new HowMany(results)));
        await gate.Entered;

        await (await workflow.Step("revoked")).Revoke();

        Assert.Equal(2, await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal([TaskState.Revoked, TaskState.Succeeded, TaskState.Succeeded], (await workflow.Snapshot()).Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_graph_that_goes_on_runs_what_does_not_wait_for_what_has_failed_and_gives_the_default_where_its_result_is_absent()
    {
        await using var queue = await Start(Sums.Add);
        var graph = Workflow.Graph(
            Workflow.Step("broken", new Break()), Workflow.Step("behind", (int broken) => new Twice(broken)), Workflow.Step("sound", new Twice(2)), Workflow.Step("after", (int sound) => new Twice(sound)))
            .WithFailurePolicy(FailurePolicy.Continue);

        var (there, absent) = (await queue.Client.Run(graph.Returns<int>("after")), await queue.Client.Run(graph.Returns<int>("behind")));
        var (nullable, next) = (await queue.Client.Run(graph.Returns<int?>("behind")), await queue.Client.Run(graph.Returns<int>("broken").Then(number => new Add(number, 7))));

        Assert.Equal((8, 0), (await there.Result(TaskQueueFixture.Patience), await absent.Result(TaskQueueFixture.Patience)));
        Assert.Equal((null, 7), (await nullable.Result(TaskQueueFixture.Patience), await next.Result(TaskQueueFixture.Patience)));
        Assert.Equal([TaskState.Failed, TaskState.Revoked, TaskState.Succeeded, TaskState.Succeeded], (await there.Snapshot()).Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_member_whose_result_is_not_kept_counts_and_gives_null()
    {
        await using var queue = await Start(builder =>
        {
            builder.AddTask((Ask ask, TaskContext _) => Task.FromResult<string?>(ask.Question), task => task.KeepResult = false);
            builder.AddTask((Gather task, TaskContext _) => Task.FromResult(string.Join(',', task.Texts.Select(text => text ?? "null"))));
        });

        var workflow = await queue.Client.Run(Workflow.Group<string?>(new Ask("a"), new Ask("b")).Then(texts => new Gather(texts)));

        Assert.Equal("null,null", await workflow.Result(TaskQueueFixture.Patience));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task The_call_for_the_failure_of_a_chain_is_made_once_whichever_step_fails_and_told_which(int failing)
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var queue = await StartWithReports(told);
        var steps = Enumerable.Range(0, 3).Select(index => (Workflow)(index == failing ? new Break(index).ToCall() : new Twice(index).ToCall()).Named($"step {index}"));

        var workflow = await queue.Client.Run(Workflow.Chain(steps).OnFailure(failure => new Report(failure)));
        await AllSteps(workflow);

        var failure = Assert.Single(told);
        Assert.Equal((workflow.WorkflowId, $"step {failing}", TaskState.Failed, FailureKind.HandlerError), (failure.WorkflowId, failure.Step, failure.State, failure.Kind));
        Assert.Equal(($"{failing} is broken.", (await (await workflow.Step($"step {failing}")).Snapshot()).RunId), (failure.Error!.Message, failure.RunId));
    }

    [Fact]
    public async Task The_call_for_a_failure_is_made_again_when_a_retry_fails_too()
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var queue = await StartWithReports(told);
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(new Break(7)).OnFailure(failure => new Report(failure)));
        await AllSteps(workflow);

        await workflow.Retry();
        await Eventually(() => told.Count == 2);

        Assert.Equal(WorkflowState.Failed, (await AllSteps(workflow)).State);
        Assert.All(told, failure => Assert.Equal("7 is broken.", failure.Error!.Message));
    }

    [Fact]
    public async Task The_call_for_the_failure_of_a_workflow_that_is_revoked_is_told_why()
    {
        var (told, gate) = (new ConcurrentQueue<StepFailure>(), new Gate());
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Report report) => told.Enqueue(report.Failure));
            builder.AddTask(async (Work _, TaskContext context) => await gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
        });
        var workflow = await queue.Client.Run(Workflow.Chain(new Work()).OnFailure(failure => new Report(failure)));
        await gate.Entered;

        await workflow.Revoke("Not needed.");
        await Eventually(() => !told.IsEmpty);

        Assert.Equal((TaskState.Revoked, "Not needed."), (Assert.Single(told).State, Assert.Single(told).Reason));
    }

    [Fact]
    public async Task The_call_for_the_failure_of_a_group_is_made_once_however_many_members_fail_and_told_of_the_first_in_their_order()
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var queue = await StartWithReports(told);

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Twice(1), new Break(2), new Break(3), new Break(4)).OnFailure(failure => new Report(failure)).Then(results => new Total(results)));
        await AllSteps(workflow);

        Assert.Equal("2 is broken.", Assert.Single(told).Error!.Message);
    }

    [Fact]
    public async Task The_call_for_the_success_of_a_group_is_made_once_after_all_members_with_all_results()
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var queue = await StartWithReports(told);

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Twice(1), new Twice(2), new Twice(3)).OnSuccess(results => new Total(results)).OnFailure(failure => new Report(failure)));
        var end = await AllSteps(workflow);

        Assert.Equal(12, await (await workflow.Step("Total")).Result<int>(TaskQueueFixture.Patience));
        Assert.Equal(TaskState.Revoked, end.Steps.Single(step => step.Name == "Report").State);
        Assert.Empty(told);
    }

    [Fact]
    public async Task A_call_for_a_failure_is_a_run_like_any_other_with_retries_of_its_own()
    {
        var attempts = 0;
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                (Report _, TaskContext _) => Interlocked.Increment(ref attempts) < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask,
                task => (task.Retry.MaxAttempts, task.Retry.Delay) = (3, TimeSpan.Zero));
        });

        var workflow = await queue.Client.Run(new Break().ToCall().OnFailure(failure => new Report(failure)));
        var end = await workflow.Completion(TaskQueueFixture.Patience);
        var report = await (await workflow.Step(end.Steps[1].Name)).Completion(TaskQueueFixture.Patience);

        Assert.Equal((TaskState.Succeeded, 3), (report.State, report.Attempt));
        Assert.Equal(WorkflowState.Failed, (await workflow.Snapshot()).State);
    }

    [Fact]
    public async Task A_workflow_is_signalled_watched_revoked_and_retried_by_its_id_alone()
    {
        await using var queue = await Start(Sums.Add);
        var (told, revoked) = (await queue.Client.Run(Workflow.WaitForSignal<int>("number").Then(number => new Twice(number))), await queue.Client.Run(Workflow.WaitForSignal<int>("number")));

        await queue.Client.FindWorkflow(told.WorkflowId).Signal("number", 21);
        await queue.Client.FindWorkflow(revoked.WorkflowId).Revoke();

        Assert.Equal(42, await queue.Client.FindWorkflow<int>(told.WorkflowId).Result(TaskQueueFixture.Patience));
        Assert.Equal(WorkflowState.Revoked, (await revoked.Completion(TaskQueueFixture.Patience)).State);
        var again = queue.Client.FindWorkflow(revoked.WorkflowId);
        await again.Retry();
        await again.Signal("number", 7);
        var states = new List<WorkflowState>();
        await foreach (var snapshot in again.Watch())
            states.Add(snapshot.State);
        Assert.Equal(WorkflowState.Succeeded, states[^1]);
    }

    private Task<TaskQueueFixture> StartWithReports(ConcurrentQueue<StepFailure> told) => Start(builder =>
    {
        Sums.Add(builder);
        builder.AddTask((Report report, TaskContext _) =>
        {
            told.Enqueue(report.Failure);
            return Task.CompletedTask;
        });
    });

    /// <summary>The workflow once every step has ended, those too for which it does not wait.</summary>
    private static async Task<WorkflowSnapshot> AllSteps(WorkflowHandle workflow)
    {
        WorkflowSnapshot? end = null;
        await Eventually(async () => (end = await workflow.Snapshot()).IsFinal && end.Steps.All(step => step.State.IsFinal()));
        return end!;
    }
}
