using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Execution;
using TasksBus.Workflows;

namespace TasksBus.Tests.Workflows;

/// <summary>What somebody had to do and did not, another one does.</summary>
public sealed class ForgottenStepTests
{
    /// <summary>The log's id for a run that a message asks for in vain.</summary>
    private const int NotClaimed = 1307;

    [Fact]
    public async Task An_error_behind_the_end_of_a_step_neither_repeats_the_run_nor_stops_the_workflow()
    {
        var (log, store, attempts) = (new LogCapture(), new ScriptedWorkflowStore(TimeProvider.System), 0);
        store.Ending = node =>
        {
            if (node != 1)
                return;
            store.Ending = null;
            throw new FormatException("The test wants it so.");
        };
        await using var queue = await TaskQueueFixture.Start(
            builder =>
            {
                Sums.Add(builder);
                builder.AddTask((Spread _, TaskContext _) => Task.FromResult(Interlocked.Increment(ref attempts)));
            },
            services => services.AddSingleton<IWorkflowStore>(store).AddLogging(logging => logging.AddProvider(log)));

        var workflow = await queue.Client.Run(Workflow.Chain(Workflow.Group(new Spread(1)), new Twice(2).ToCall()));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal((WorkflowState.Succeeded, 1), (end.State, attempts));
        Assert.Equal(LogLevel.Warning, log.Lines.Single(line => line.EventId == 1900).Level);
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_step_whose_end_the_store_does_not_keep_gives_its_result_to_the_next_once_it_does()
    {
        var (fixture, store) = await ScriptedWorkflowStore.StartHarness(Sums.Add);
        await using var disposing = fixture;
        var failures = 0;
        store.Ending = node =>
        {
            if (node == 1 && Interlocked.Increment(ref failures) <= 5)
                throw new FormatException("The test wants it so.");
        };

        var workflow = await fixture.Harness.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)));
        await Waiting.Eventually(() => Volatile.Read(ref failures) == 5);
        await fixture.Harness.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(4, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task What_follows_a_step_that_has_lost_its_routing_slip_is_started_with_another()
    {
        var (gate, id) = (new Gate(), Guid.CreateVersion7());
        using var delivery = new CancellationTokenSource();
        await using var queue = await TaskQueueFixture.Start(builder =>
        {
            builder.AddTask(async (Spread spread, TaskContext _) =>
            {
                await delivery.CancelAsync();
                return spread.Number;
            });
            builder.AddTask((Work _, TaskContext _) => gate.Pass());
        });
        var (services, nodes) = (queue.Services, queue.Services.GetRequiredService<Foundation>().Workflows);
        var plan = await services.GetRequiredService<WorkflowDesk>().Plan(Workflow.Chain(new Spread(1)).Then(new Work()), new WorkflowOptions(), CancellationToken.None);
        await nodes.Write(id, [.. PlannedNodes.Of(plan)]);
        await nodes.End(id, 0, new NodeEnd(TaskState.Succeeded));

        var message = await services.GetRequiredService<NodeOpener>().Open(id, new StepArguments { Node = 1, Next = 2 }, CancellationToken.None);
        await services.GetRequiredService<RunExecutor>().Execute(message!, "tasks", isRedelivered: false, delivery.Token);
        await gate.Entered;

        gate.Open();
    }

    [Fact]
    public async Task A_routing_slip_that_comes_again_does_not_go_on_from_a_step_that_has_handed_over()
    {
        var log = new LogCapture();
        await using var queue = await TaskQueueFixture.Start(
            builder =>
            {
                Sums.Add(builder);
                builder.AddTask((Spread _, TaskContext context) => Task.FromResult(context.ContinueAs(Workflow.WaitForSignal<int>("number"))));
            },
            services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        var workflow = await queue.Client.Run(Workflow.Chain(new Spread(1)).Then(number => new Twice(number)));
        var run = await TaskQueueFixture.EndOf(await workflow.Step("Spread"));
        var before = log.Lines.Count;

        await queue.Services.GetRequiredService<Slips>().Send(workflow.WorkflowId, [new LineStop(1, "tasks", "Spread"), new LineStop(2, "tasks", "Twice")], priority: 0, CancellationToken.None);
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (!log.Lines.Skip(before).Any(line => line.EventId == NotClaimed))
            await Task.Delay(20, patience.Token);
        await queue.Client.FindWorkflow(run.ContinuedAs!.Value).Signal("number", 21);

        Assert.Equal(42, await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_routing_slip_too_many_ends_at_the_first_step_that_has_succeeded_without_it()
    {
        var log = new LogCapture();
        await using var queue = await TaskQueueFixture.Start(
            Sums.Add, services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        var workflow = await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)).Then(number => new Twice(number)));
        await workflow.Completion(TaskQueueFixture.Patience);

        LineStop[] line = [.. Enumerable.Range(1, 3).Select(node => new LineStop(node, "tasks", $"Twice-{node}"))];
        await queue.Services.GetRequiredService<Slips>().Send(workflow.WorkflowId, line, priority: 0, CancellationToken.None);
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while (log.Lines.All(line => line.EventId != NotClaimed))
            await Task.Delay(20, patience.Token);
        await (await queue.Client.Run(Workflow.Chain(new Twice(1)).Then(number => new Twice(number)))).Completion(TaskQueueFixture.Patience);

        Assert.Single(log.Lines, line => line.EventId == NotClaimed);
    }
}
