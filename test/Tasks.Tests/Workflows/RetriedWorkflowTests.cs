using System.Collections.Concurrent;

using TasksBus.Configuration;
using TasksBus.Tests.Testing;

namespace TasksBus.Tests.Workflows;

/// <summary>What a retry of a workflow begins again, and what it leaves as it is.</summary>
public sealed class RetriedWorkflowTests
{
    private const int Steps = 1_200;

    [Fact]
    public async Task A_retry_that_takes_long_is_not_ended_by_the_failure_from_before()
    {
        var (fixture, store) = await ScriptedWorkflowStore.StartHarness(FailsOnce());
        await using var disposing = fixture;
        var workflow = await Failed(fixture);
        store.Counting = () =>
        {
            store.Counting = null;
            return fixture.Harness.Advance(TimeSpan.FromSeconds(20));
        };

        await workflow.Retry();

        Assert.Equal(Steps, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_retry_that_dies_half_way_is_ended_by_whoever_looks_next()
    {
        var (fixture, store) = await ScriptedWorkflowStore.StartHarness(FailsOnce());
        await using var disposing = fixture;
        var workflow = await Failed(fixture);
        var pages = 0;
        store.Writing = () =>
        {
            if (++pages == 2)
                throw new FormatException("The test wants it so.");
        };

        await Assert.ThrowsAsync<FormatException>(() => workflow.Retry());
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(Steps, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_retry_leaves_a_member_as_it_is_whose_failure_its_group_has_passed_on()
    {
        var (members, callbacks, lists) = (0, 0, new ConcurrentQueue<string>());
        await using var queue = await TaskQueueFixture.Start(builder =>
        {
            builder.AddTask((Twice twice, TaskContext _) => Task.FromResult(2 * twice.Number));
            builder.AddTask((Spread spread, TaskContext _) => Task.FromException<int>(new InvalidOperationException($"{spread.Number} is broken, {Interlocked.Increment(ref members)}.")), task => task.Retry.MaxAttempts = 1);
            builder.AddTask((Report report) => lists.Enqueue(report.Failure.Step));
            builder.AddTask(
                (HowMany task, TaskContext _) =>
                {
                    lists.Enqueue(string.Join(',', task.Numbers));
                    return Interlocked.Increment(ref callbacks) == 1 ? throw new InvalidOperationException("Not yet.") : Task.FromResult(task.Numbers.Count);
                },
                task => task.Retry.MaxAttempts = 1);
        });
        var failing = new Spread(1).ToCall().Then(number => new Twice(number)).OnFailure(failure => new Report(failure)).OnSuccess(_ => new Report(null!));
        var workflow = await queue.Client.Run(Workflow.Group(failing, new Twice(2).ToCall()).WithFailurePolicy(FailurePolicy.Continue).Then(numbers => new HowMany(numbers)));
        await workflow.Completion(TaskQueueFixture.Patience);
        await Waiting.Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal()));

        await workflow.Retry();
        var result = await workflow.Result(TaskQueueFixture.Patience);

        Assert.Equal((2, 1), (result, members));
        Assert.Equal(["Spread", "0,4", "0,4"], lists.OrderDescending());
    }

    [Fact]
    public async Task A_step_that_hands_over_anew_after_a_retry_is_not_run_again_when_its_record_has_expired()
    {
        var attempts = 0;
        await using var fixture = await HarnessFixture.Start(queue =>
        {
            Sums.Add(queue);
            queue.AddTask((Work _, TaskContext _) => { });
            queue.AddTask(
                (Spread _, TaskContext context) => Task.FromResult(Interlocked.Increment(ref attempts) == 1
                    ? context.ContinueAs(new Twice(1).ToCall().CompensatedBy(new Work("undo")).Then(number => new Break(number)))
                    : context.ContinueAs(Workflow.WaitForSignal<int>("number"))),
                task => task.ResultLifetime = TimeSpan.FromMinutes(1));
        });
        var workflow = await fixture.Harness.Client.Run(Workflow.Chain(new Spread(1)).Then(number => new Twice(number)), new WorkflowOptions { Lifetime = TimeSpan.FromDays(1) });
        await fixture.Harness.Advance(TimeSpan.FromSeconds(30));

        await workflow.Retry();
        var run = await TaskQueueFixture.EndOf(await workflow.Step("Spread"));
        await fixture.Harness.Advance(TimeSpan.FromHours(1));
        await fixture.Harness.Client.FindWorkflow(run.ContinuedAs!.Value).Signal("number", 21);

        Assert.Equal((42, 2), (await workflow.Result(TaskQueueFixture.Patience), attempts));
    }

    [Fact]
    public async Task A_signal_that_came_before_its_turn_counts_after_a_retry()
    {
        var (gate, attempts) = (new Gate(), 0);
        await using var queue = await TaskQueueFixture.Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                async (Work _, TaskContext _) =>
                {
                    await gate.Pass();
                    if (Interlocked.Increment(ref attempts) == 1)
                        throw new InvalidOperationException("Not yet.");
                },
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(new Work().ToCall().Then(Workflow.WaitForSignal<int>("number")).Then(number => new Twice(number)));
        await workflow.Signal("number", 21);
        gate.Open();
        await workflow.Completion(TaskQueueFixture.Patience);
        await Waiting.Eventually(async () => (await workflow.Snapshot()).Steps.All(step => step.State.IsFinal()));

        await workflow.Retry();

        Assert.Equal(42, await workflow.Result(TaskQueueFixture.Patience));
    }

    private static Action<ITaskQueueBuilder> FailsOnce()
    {
        var attempts = 0;
        return queue =>
        {
            Sums.Add(queue);
            queue.AddTask(
                (Spread spread, TaskContext _) => Interlocked.Increment(ref attempts) == 1 ? throw new InvalidOperationException("Not yet.") : Task.FromResult(spread.Number),
                task => task.Retry.MaxAttempts = 1);
        };
    }

    /// <summary>A long chain whose first step has failed.</summary>
    private static async Task<WorkflowHandle<int>> Failed(HarnessFixture fixture)
    {
        var chain = Enumerable.Range(2, Steps - 1).Aggregate((Workflow<int>)new Spread(1).ToCall(), (chain, _) => chain.Then(number => new Add(number, 1)));
        var workflow = await fixture.Harness.Client.Run(chain);
        Assert.Equal(WorkflowState.Failed, (await workflow.Completion(TaskQueueFixture.Patience)).State);
        await fixture.Harness.Advance(TimeSpan.FromSeconds(1));
        return workflow;
    }
}
