using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;
using TasksBus.Tests.Testing;
using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>Workflows under the test harness: what takes days takes as long as the clock is moved by.</summary>
public sealed class HarnessWorkflowTests
{
    [Fact]
    public async Task A_step_that_waits_for_a_day_goes_on_when_the_clock_has_moved_by_it()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);
        var workflow = await fixture.Harness.Client.Run(Workflow.Chain(new Twice(1)).Then(Workflow.Wait(TimeSpan.FromDays(1))).Then(new Twice(4)).Then(number => new Twice(number)));

        await fixture.Harness.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        var before = await workflow.Snapshot();
        await fixture.Harness.Advance(TimeSpan.FromSeconds(1));
        var after = await workflow.Snapshot();

        Assert.Equal((WorkflowState.Running, 1), (before.State, before.Done));
        Assert.Equal((WorkflowState.Succeeded, 16), (after.State, await workflow.Result()));
    }

    [Fact]
    public async Task Steps_that_wait_side_by_side_go_on_each_in_its_time()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<ClockHandler>());
        var start = fixture.Harness.Clock.GetUtcNow();
        int[] minutes = [5, 1, 40, 1, 3];

        var workflow = await fixture.Harness.Client.Run(Workflow.Group(minutes.Select(minute => Workflow.Wait(TimeSpan.FromMinutes(minute)).Then(new Ask()))));
        await fixture.Harness.Advance(TimeSpan.FromHours(1));

        Assert.Equal(minutes.Select(minute => $"{start.AddMinutes(minute):O}"), await workflow.Result());
    }

    [Fact]
    public async Task A_member_that_expires_before_it_can_start_reaches_the_join()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);
        var late = new Twice(1).ToCall() with { Options = new RunOptions { ExpiresAt = fixture.Harness.Clock.GetUtcNow() + TimeSpan.FromMinutes(5) } };

        var workflow = await fixture.Harness.Client.Run(
            Workflow.Group(Workflow.Wait(TimeSpan.FromMinutes(10)).Then(late), new Twice(2).ToCall()).WithFailurePolicy(FailurePolicy.Continue).Then(results => new HowMany(results)));
        await fixture.Harness.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(2, await workflow.Result());
        Assert.Equal([TaskState.Succeeded, TaskState.Expired, TaskState.Succeeded, TaskState.Succeeded], (await workflow.Snapshot()).Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_chain_ends_with_the_step_that_fails_before_anybody_looks()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);

        var workflow = await fixture.Harness.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Break(number)).Then(number => new Twice(number)).Then(number => new Twice(number)));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(end.SubmittedAt, end.FinishedAt);
        Assert.Equal([TaskState.Succeeded, TaskState.Failed, TaskState.Revoked, TaskState.Revoked], end.Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_workflow_expires_when_the_clock_has_come_to_its_deadline()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);
        var workflow = await fixture.Harness.Client.Run(Workflow.WaitForSignal<int>("never").Then(number => new Twice(number)), new WorkflowOptions { Timeout = TimeSpan.FromHours(1) });

        await fixture.Harness.Advance(TimeSpan.FromHours(1));

        var end = await workflow.Snapshot();
        Assert.Equal((WorkflowState.Expired, end.Deadline), (end.State, end.FinishedAt));
    }

    [Fact]
    public async Task A_workflow_that_is_retried_has_no_deadline_any_more()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);
        var workflow = await fixture.Harness.Client.Run(Workflow.WaitForSignal<int>("number").Then(number => new Twice(number)), new WorkflowOptions { Timeout = TimeSpan.FromHours(1) });
        await fixture.Harness.Advance(TimeSpan.FromHours(1));

        await workflow.Retry();
        await fixture.Harness.Advance(TimeSpan.FromHours(2));
        var later = await workflow.Snapshot();
        await workflow.Signal("number", 21);

        Assert.Equal((WorkflowState.Running, null), (later.State, later.Deadline));
        Assert.Equal(42, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task The_members_of_a_staggered_group_start_one_after_the_other()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<ClockHandler>());
        var start = fixture.Harness.Clock.GetUtcNow();

        var workflow = await fixture.Harness.Client.Run(Workflow.Group(new Ask(), new Ask(), new Ask()).Staggered(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)));
        await fixture.Harness.Advance(TimeSpan.FromMinutes(6));
        var done = (await workflow.Snapshot()).Done;
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, done);
        Assert.Equal([$"{start.AddMinutes(5):O}", $"{start.AddMinutes(6):O}", $"{start.AddMinutes(7):O}"], await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task What_opens_while_its_group_fails_is_taken_back_by_whoever_looks_next()
    {
        var gate = new Gate();
        ScriptedWorkflowStore? store = null;
        var services = new ServiceCollection().AddTaskQueueTestHarness(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Work _, TaskContext context) => gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
        });
        services.AddSingleton(provider => new RecordingWorkflowStore(store = new ScriptedWorkflowStore(provider.GetRequiredService<TestClock>()), provider.GetRequiredService<RunRecorder>()));
        await using var fixture = new HarnessFixture(services.BuildServiceProvider(validateScopes: true));
        await fixture.Harness.Start();

        store!.IsMissed = node => node == 1;
        var hasty = Workflow.Group(new Work("slow").ToCall().Named("slow"), new Break().ToCall()).WithFailurePolicy(FailurePolicy.FailFast);
        var workflow = await fixture.Harness.Client.Run(Workflow.Group(hasty, Workflow.WaitForSignal("never")));
        await gate.Entered;
        await TaskQueueFixture.EndOf(await workflow.Step("Break"));
        store.IsMissed = null;
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        var steps = (await workflow.Snapshot()).Steps.ToDictionary(step => step.Name, step => step.State);
        Assert.Equal((TaskState.Revoked, TaskState.Pending), (steps["slow"], steps["never"]));
    }

    [Fact]
    public async Task A_step_of_a_chain_whose_time_has_passed_when_its_turn_comes_expires()
    {
        var gate = new Gate();
        await using var fixture = await HarnessFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Work _, TaskContext context) => gate.Pass(context.CancellationToken), task => task.Execution = HandlerExecution.Async);
        });
        var (client, now) = (fixture.Harness.Client, fixture.Services.GetRequiredService<TestClock>().GetUtcNow());
        var late = new Twice(1).ToCall() with { Options = new RunOptions { ExpiresAt = now.AddHours(1) } };

        var workflow = await client.Run(Workflow.Chain(new Work()).Then(late).Then(number => new Twice(number)));
        await gate.Entered;
        await fixture.Harness.Advance(TimeSpan.FromHours(2));
        gate.Open();
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Equal([TaskState.Succeeded, TaskState.Expired, TaskState.Revoked], end.Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_step_that_has_handed_over_is_not_run_again_when_its_record_has_expired()
    {
        var attempts = 0;
        await using var fixture = await HarnessFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask(
                (Spread _, TaskContext context) =>
                {
                    Interlocked.Increment(ref attempts);
                    return Task.FromResult(context.ContinueAs(Workflow.WaitForSignal<int>("number")));
                },
                task => task.ResultLifetime = TimeSpan.FromMinutes(1));
        });
        var workflow = await fixture.Harness.Client.Run(Workflow.Chain(new Spread(1)).Then(number => new Twice(number)));
        var run = await TaskQueueFixture.EndOf(await workflow.Step("Spread"));

        await fixture.Harness.Advance(TimeSpan.FromHours(1));
        var waiting = await workflow.Snapshot();
        await fixture.Harness.Client.FindWorkflow(run.ContinuedAs!.Value).Signal("number", 21);

        Assert.Equal(WorkflowState.Running, waiting.State);
        Assert.Equal((42, 1), (await workflow.Result(TaskQueueFixture.Patience), attempts));
    }

    [Fact]
    public async Task A_workflow_that_was_to_take_the_place_of_a_run_which_failed_instead_is_taken_back()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);
        var failed = await fixture.Harness.Client.Run(new Break());
        await failed.Completion(TaskQueueFixture.Patience);

        var id = await fixture.Services.GetRequiredService<WorkflowDesk>().Submit(Workflow.WaitForSignal("never"), new WorkflowOptions(), new WorkflowOrigin(failed.RunId), CancellationToken.None);
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        var orphan = await fixture.Harness.Client.FindWorkflow(id).Snapshot();
        Assert.Equal((WorkflowState.Revoked, $"Run {failed.RunId} has ended without handing over to it."), (orphan.State, orphan.RevokeReason));
    }

    /// <summary>Gives the time.</summary>
    public sealed class ClockHandler(TimeProvider clock) : ITaskHandler<Ask, string?>
    {
        public Task<string?> Run(Ask task, TaskContext context) => Task.FromResult<string?>($"{clock.GetUtcNow():O}");
    }
}
