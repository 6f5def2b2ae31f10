using System.Linq.Expressions;

using TasksBus.Tests.Testing;
using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>What comes after the end of a workflow, or after an alarm that nobody has heard.</summary>
public sealed class LateWorkTests
{
    [Fact]
    public async Task What_is_taken_back_waits_for_a_step_that_runs_for_longer_than_the_workflow_is_kept()
    {
        var (gate, undone) = (new Gate(), new Gate());
        await using var fixture = await HarnessFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.Configure(options => options.CancellationGrace = TimeSpan.FromHours(1));
            queue.AddTask(async (Spread spread, TaskContext _) =>
            {
                await gate.Entered;
                return spread.Number > 0 ? throw new InvalidOperationException("broken") : spread.Number;
            }, task => task.Retry.MaxAttempts = 1);
            queue.AddTask((Work work, TaskContext _) => work.Name == "undo" ? undone.Pass() : gate.Pass(), task => task.Execution = HandlerExecution.Async);
        });
        var booking = new Twice(1).ToCall().CompensatedBy(new Work("undo"));
        var group = Workflow.Group(new Work("stubborn").ToCall(), new Spread(1).ToCall()).WithFailurePolicy(FailurePolicy.FailFast);
        var workflow = await fixture.Harness.Client.Run(booking.Then(group), new WorkflowOptions { Lifetime = TimeSpan.FromSeconds(1) });
        await gate.Entered;

        await fixture.Harness.Advance(TimeSpan.FromMinutes(30));
        var stubborn = (await workflow.Snapshot()).Steps.Single(step => step.Name == "Work").RunId!.Value;
        gate.Open();
        await fixture.Harness.Client.Find(stubborn).Completion(TaskQueueFixture.Patience);
        await fixture.Harness.Advance(TimeSpan.FromSeconds(10));

        await undone.Entered;
        undone.Open();
        await workflow.Completion(TaskQueueFixture.Patience);
    }

    [Fact]
    public async Task The_call_for_a_failure_is_told_of_it_however_long_it_waits()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<StepFailure?>();
        await using var fixture = await HarnessFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Report report) => told.Enqueue(report.Failure));
        });

        Expression<Func<StepFailure, ITask>> report = failure => new Report(failure);
        var late = new TaskCall(CallExpression.Read(report)) with { Options = new RunOptions { Delay = TimeSpan.FromHours(1) } };
        await fixture.Harness.Client.Run(new Break(3).ToCall().OnFailure(late), new WorkflowOptions { Lifetime = TimeSpan.FromSeconds(1) });
        await fixture.Harness.Advance(TimeSpan.FromHours(2));

        Assert.Equal("3 is broken.", Assert.Single(told)?.Error?.Message);
    }

    [Fact]
    public async Task An_alarm_that_is_lost_with_whoever_heard_it_is_heard_although_other_steps_end()
    {
        var (fixture, store) = await ScriptedWorkflowStore.StartHarness(Sums.Add);
        await using var disposing = fixture;
        var ticks = Enumerable.Range(1, 30).Select(number => Workflow.WaitForSignal<int>($"{number}"));
        var workflow = await fixture.Harness.Client.Run(Workflow.Group<int>([.. ticks, Workflow.Wait(TimeSpan.FromMinutes(1)).Then(new Twice(1))]));
        await fixture.Harness.Advance(TimeSpan.FromSeconds(59));

        for (var number = 1; number <= 30; number++)
        {
            await workflow.Signal($"{number}", number);
            store.Listing = number > 1 ? null : () =>
            {
                store.Listing = null;
                throw new FormatException("The test wants it so.");
            };
            await fixture.Harness.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(TaskState.Succeeded, (await workflow.Snapshot()).Steps.Single(step => step.Name == "Twice").State);
        Assert.Equal(WorkflowState.Succeeded, (await workflow.Completion(TaskQueueFixture.Patience)).State);
    }
}
