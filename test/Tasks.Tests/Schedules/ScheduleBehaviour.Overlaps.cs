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

    private Task<TaskQueueFixture> StartOverlapping(OverlapRule rule, Func<string, CancellationToken, Task> handler) => Start(queue => queue
        .AddTask((Work _, TaskContext context) => handler(context.Headers[ScheduleHeaders.Instant], context.CancellationToken), task => task.Execution = HandlerExecution.Async)
        .AddSchedule("often", new Work(), Often, schedule => schedule with { Overlap = rule, History = 100 }));

    private static async Task<ScheduleSnapshot> EventuallySchedule(TaskQueueFixture queue, Func<ScheduleSnapshot, bool> isSo, string name = "often")
    {
        ScheduleSnapshot? seen = null;
        await Eventually(async () => (seen = await Schedules(queue).Get(name)) is { } schedule && isSo(schedule) ? schedule : null);
        return seen!;
    }
}
