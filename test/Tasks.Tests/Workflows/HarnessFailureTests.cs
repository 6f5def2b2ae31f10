using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;
using TasksBus.Tests.Testing;

namespace TasksBus.Tests.Workflows;

/// <summary>What becomes of workflows whose time passes, or whose submitter dies.</summary>
public sealed class HarnessFailureTests
{
    [Fact]
    public async Task The_call_for_the_failure_of_a_workflow_whose_deadline_passes_is_made_once_and_told_why()
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var fixture = await Start(told);
        var workflow = await fixture.Harness.Client.Run(
            Workflow.WaitForSignal<int>("never").Then(number => new Twice(number)).OnFailure(failure => new Report(failure)), new WorkflowOptions { Timeout = TimeSpan.FromHours(1) });

        await fixture.Harness.Advance(TimeSpan.FromHours(1));
        await Eventually(() => !told.IsEmpty);
        await fixture.Harness.Advance(TimeSpan.FromHours(1));

        var failure = Assert.Single(told);
        Assert.Equal(("never", TaskState.Revoked, "The deadline of its workflow has passed."), (failure.Step, failure.State, failure.Reason));
        Assert.Equal(WorkflowState.Expired, (await workflow.Snapshot()).State);
    }

    [Fact]
    public async Task The_call_for_the_failure_of_a_member_that_expires_is_made_once_and_the_group_goes_on()
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var fixture = await Start(told);
        var late = new Twice(1).ToCall().Named("late") with { Options = new RunOptions { ExpiresAt = fixture.Harness.Clock.GetUtcNow() + TimeSpan.FromMinutes(5) } };
        var member = Workflow.Wait(TimeSpan.FromMinutes(10)).Then(late.OnFailure(failure => new Report(failure)));

        var workflow = await fixture.Harness.Client.Run(Workflow.Group(member, new Twice(2).ToCall()).WithFailurePolicy(FailurePolicy.Continue));
        await fixture.Harness.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal([0, 4], await workflow.Result(TaskQueueFixture.Patience));
        await Eventually(() => !told.IsEmpty);
        await fixture.Harness.Advance(TimeSpan.FromHours(1));
        Assert.Equal(("late", TaskState.Expired), (Assert.Single(told).Step, Assert.Single(told).State));
    }

    [Fact]
    public async Task A_step_waits_until_an_instant_that_comes_and_for_none_that_has_passed()
    {
        await using var fixture = await HarnessFixture.Start(Sums.Add);
        var instant = fixture.Harness.Clock.GetUtcNow() + TimeSpan.FromDays(1);
        var coming = await fixture.Harness.Client.Run(Workflow.Chain(new Twice(1)).Then(Workflow.WaitUntil(instant)).Then(new Twice(4)));
        var passed = await fixture.Harness.Client.Run(Workflow.WaitUntil(instant - TimeSpan.FromDays(2)).Then(new Twice(5)));

        Assert.Equal(10, await passed.Result(TaskQueueFixture.Patience));
        await fixture.Harness.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        var before = await coming.Snapshot();
        await fixture.Harness.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((WorkflowState.Running, 1), (before.State, before.Done));
        Assert.Equal(8, await coming.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_workflow_whose_submitter_dies_once_it_is_stored_is_started_by_whoever_looks_after_it()
    {
        await using var fixture = Dying(out var store);
        await fixture.Harness.Start();
        var id = Guid.CreateVersion7();
        store().Keeping = () =>
        {
            store().Keeping = null;
            throw new FormatException("The test wants it so.");
        };

        await Assert.ThrowsAsync<FormatException>(() => fixture.Harness.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)), new WorkflowOptions { WorkflowId = id }));
        var before = await fixture.Harness.Client.FindWorkflow(id).Snapshot();
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((WorkflowState.Running, 0), (before.State, before.Done));
        Assert.Equal(4, await fixture.Harness.Client.FindWorkflow<int>(id).Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_workflow_whose_submitter_dies_once_it_is_stored_is_one_with_its_second_submission()
    {
        var told = new ConcurrentQueue<StepFailure>();
        await using var fixture = Dying(out var store, told);
        await fixture.Harness.Start();
        var options = new WorkflowOptions { WorkflowId = Guid.CreateVersion7() };
        var workflow = Workflow.Chain(new Break(3)).OnFailure(failure => new Report(failure));
        store().Keeping = () =>
        {
            store().Keeping = null;
            throw new FormatException("The test wants it so.");
        };
        await Assert.ThrowsAsync<FormatException>(() => fixture.Harness.Client.Run(workflow, options));

        var again = await fixture.Harness.Client.Run(workflow, options);
        await again.Completion(TaskQueueFixture.Patience);
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("3 is broken.", Assert.Single(told).Error!.Message);
    }

    private static Task<HarnessFixture> Start(ConcurrentQueue<StepFailure> told) => HarnessFixture.Start(queue =>
    {
        Sums.Add(queue);
        queue.AddTask((Report report) => told.Enqueue(report.Failure));
    });

    /// <summary>A harness on a store that does what the test says, once the harness has started.</summary>
    private static HarnessFixture Dying(out Func<ScriptedWorkflowStore> store, ConcurrentQueue<StepFailure>? told = null)
    {
        var services = new ServiceCollection().AddTaskQueueTestHarness(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Report report) => told?.Enqueue(report.Failure));
        });
        services.AddSingleton(provider => new ScriptedWorkflowStore(provider.GetRequiredService<TestClock>()));
        services.AddSingleton(provider => new RecordingWorkflowStore(provider.GetRequiredService<ScriptedWorkflowStore>(), provider.GetRequiredService<RunRecorder>()));
        var built = services.BuildServiceProvider(validateScopes: true);
        store = built.GetRequiredService<ScriptedWorkflowStore>;
        return new HarnessFixture(built);
    }
}
