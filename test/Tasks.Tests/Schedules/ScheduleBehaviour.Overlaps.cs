using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests.Schedules;

/// <content>Occurrences that come while the run of the one before goes on.</content>
public abstract partial class ScheduleBehaviour
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task With_Allow_an_occurrence_runs_beside_the_one_before()
    {
        var gate = new Gate();
        await using var queue = await StartOverlapping(OverlapRule.Allow, (_, token) => gate.Pass(token));

        await Eventually(() => gate.Visitors >= 3);
        gate.Open();

        Assert.All((await Schedules(queue).Get("often"))!.History, occurrence => Assert.Equal(OccurrenceResult.Submitted, occurrence.Result));
    }

    [Fact]
    public async Task With_Skip_an_occurrence_is_left_out_while_the_one_before_runs_and_the_next_after_it_runs()
    {
        var gate = new Gate();
        await using var queue = await StartOverlapping(OverlapRule.Skip, (_, token) => gate.Pass(token));

        var held = await EventuallySchedule(queue, schedule => schedule.History.Where(occurrence => occurrence.Result == OccurrenceResult.Skipped).Skip(1).Any());
        await gate.Entered;
        var visitors = gate.Visitors;
        gate.Open();
        await Eventually(() => gate.Visitors >= 2);

        Assert.Equal(1, visitors);
        Assert.Equal([OccurrenceResult.Submitted, OccurrenceResult.Skipped, OccurrenceResult.Skipped], held.History.Take(3).Select(occurrence => occurrence.Result));
        Assert.Contains($"{held.History[0].RunId}, has not ended", held.History[1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_QueueOne_one_occurrence_waits_for_the_end_of_the_one_before_and_those_behind_it_are_left_out()
    {
        var (gate, runs) = (new Gate(), new ConcurrentQueue<string>());
        await using var queue = await StartOverlapping(OverlapRule.QueueOne, (instant, token) =>
        {
            runs.Enqueue(instant);
            return gate.Pass(token);
        });

        var held = await EventuallySchedule(queue, schedule => schedule.History.Any(occurrence => occurrence.Result == OccurrenceResult.Skipped));
        await gate.Entered;
        var visitors = gate.Visitors;
        gate.Open();
        await Eventually(() => runs.Count >= 2);

        Assert.Equal(1, visitors);
        Assert.Equal([OccurrenceResult.Submitted, OccurrenceResult.Waiting, OccurrenceResult.Skipped], held.History.Take(3).Select(occurrence => occurrence.Result));
        Assert.Equal(held.History[1].At, held.WaitingSince);
        Assert.Equal(held.WaitingSince, DateTimeOffset.Parse(runs.ElementAt(1), null));
    }

    [Fact]
    public async Task With_RevokePrevious_an_occurrence_takes_the_place_of_the_one_before()
    {
        var gate = new Gate();
        await using var queue = await StartOverlapping(OverlapRule.RevokePrevious, (_, token) => gate.Pass(token));

        var schedule = await EventuallySchedule(queue, schedule => schedule.History.Count >= 2);
        var first = await TaskQueueFixture.EndOf(queue.Client.Find(schedule.History[0].RunId));
        await Eventually(() => gate.Visitors >= 2);

        Assert.Equal(TaskState.Revoked, first.State);
        Assert.Contains("The next occurrence of schedule 'often' has come", first.RevokeReason, StringComparison.Ordinal);
        Assert.All(schedule.History, occurrence => Assert.Equal(OccurrenceResult.Submitted, occurrence.Result));
    }

    [Fact]
    public async Task A_run_by_hand_does_not_hide_from_the_next_occurrence_that_the_one_before_goes_on()
    {
        var (gate, runs) = (new Gate(), 0);
        await using var queue = await StartOverlapping(OverlapRule.Skip, (_, token) => Interlocked.Increment(ref runs) == 1 ? gate.Pass(token) : Task.CompletedTask, TimeSpan.FromSeconds(1));
        await gate.Entered;
        await EventuallySchedule(queue, schedule => schedule.History.Count > 0);

        var byHand = await Schedules(queue).RunNow("often");
        await TaskQueueFixture.EndOf(byHand);
        var held = await EventuallySchedule(queue, schedule => schedule.History.SkipWhile(occurrence => occurrence.RunId != byHand.RunId).Skip(2).Any());
        var last = await Schedules(queue).LastRun("often");
        gate.Open();
        await Eventually(() => Volatile.Read(ref runs) > 2);

        Assert.Equal(byHand.RunId, last!.RunId);
        Assert.Equal([held.History[0].RunId, byHand.RunId], held.History.Where(occurrence => occurrence.Result == OccurrenceResult.Submitted).Select(occurrence => occurrence.RunId));
    }

    [Theory]
    [InlineData(OverlapRule.Skip)]
    [InlineData(OverlapRule.QueueOne)]
    public async Task A_run_that_has_handed_over_goes_on_until_the_workflow_in_its_place_has_ended(OverlapRule rule)
    {
        await using var queue = await StartHandingOver(rule);
        var (first, workflow) = await HandedOver(queue);
        var held = await EventuallySchedule(queue, schedule => schedule.History.Count >= 4);
        var early = await Schedules(queue).LastOutcome("often");

        await workflow.Signal("number", 1);
        await EventuallySchedule(queue, schedule => schedule.History.Where(occurrence => occurrence.Result == OccurrenceResult.Submitted).Skip(1).Any());
        var outcome = await Schedules(queue).LastOutcome("often");

        Assert.Single(held.History, occurrence => occurrence.Result == OccurrenceResult.Submitted);
        Assert.Null(early);
        Assert.Equal((first, TaskState.Succeeded), (outcome!.RunId, outcome.State));
    }

    [Fact]
    public async Task With_RevokePrevious_the_workflow_is_taken_back_to_which_the_run_before_has_handed_over()
    {
        await using var queue = await StartHandingOver(OverlapRule.RevokePrevious);

        var (_, workflow) = await HandedOver(queue);
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Revoked, end.State);
        Assert.Contains("The next occurrence of schedule 'often' has come", end.RevokeReason, StringComparison.Ordinal);
    }

    /// <summary>A schedule whose runs hand over to a workflow that waits for a signal.</summary>
    private Task<TaskQueueFixture> StartHandingOver(OverlapRule rule) => Start(queue => queue
        .AddTask((Add _, TaskContext context) => Task.FromResult(context.ContinueAs(Workflow.WaitForSignal<int>("number"))))
        .AddSchedule("often", new Add(1, 2), TimeSpan.FromSeconds(1), schedule => schedule with { Overlap = rule, History = 1_000 }));

    /// <summary>The first run of a schedule, and the workflow to which it has handed over.</summary>
    private static async Task<(Guid RunId, WorkflowHandle Workflow)> HandedOver(TaskQueueFixture queue)
    {
        var first = (await EventuallySchedule(queue, schedule => schedule.History.Count > 0)).History[0].RunId;
        var run = await TaskQueueFixture.EndOf(queue.Client.Find(first));
        return (first, queue.Client.FindWorkflow(run.ContinuedAs!.Value));
    }

    private Task<TaskQueueFixture> StartOverlapping(OverlapRule rule, Func<string, CancellationToken, Task> handler, TimeSpan? every = null) => Start(queue => queue
        .AddTask((Work _, TaskContext context) => handler(context.Headers[ScheduleHeaders.Instant], context.CancellationToken), task => task.Execution = HandlerExecution.Async)
        .AddSchedule("often", new Work(), every ?? Often, schedule => schedule with { Overlap = rule, History = 1_000 }));

    private static async Task<ScheduleSnapshot> EventuallySchedule(TaskQueueFixture queue, Func<ScheduleSnapshot, bool> isSo, string name = "often")
    {
        ScheduleSnapshot? seen = null;
        await Eventually(async () => (seen = await Schedules(queue).Get(name)) is { } schedule && isSo(schedule) ? schedule : null);
        return seen!;
    }
}
