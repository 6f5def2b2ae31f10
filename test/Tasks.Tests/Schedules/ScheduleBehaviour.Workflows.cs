using System.Collections.Concurrent;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Schedules;
using TasksBus.Tests.Workflows;

namespace TasksBus.Tests.Schedules;

/// <content>Workflows by the clock.</content>
public abstract partial class ScheduleBehaviour
{
    [Fact]
    public async Task A_schedule_of_a_workflow_starts_it_at_its_instants_and_shows_how_the_last_one_ended()
    {
        var sum = Workflow.Chain(new Add(1, 2)).Then(sum => new Twice(sum));
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddSchedule("sum", sum, every: Often, schedule => schedule with { WorkflowOptions = new WorkflowOptions { Name = "sums" } });
        });

        var schedule = await EventuallySchedule(queue, schedule => schedule.History.Count >= 2, "sum");
        var (first, second) = (queue.Client.FindWorkflow<int>(schedule.History[0].RunId), queue.Client.FindWorkflow<int>(schedule.History[1].RunId));

        Assert.Equal((6, 6), (await first.Result(TaskQueueFixture.Patience), await second.Result(TaskQueueFixture.Patience)));
        Assert.Equal(Often, schedule.History[1].At - schedule.History[0].At);
        var step = await (await first.Step("Twice")).Snapshot();
        Assert.Equal(("sum", schedule.History[0].At), (step.Headers[ScheduleHeaders.Schedule], DateTimeOffset.Parse(step.Headers[ScheduleHeaders.Instant], null)));
        Assert.Equal("sums", (await Schedules(queue).LastWorkflow("sum"))!.Name);
        Assert.Equal(["Add", "Twice"], schedule.Schedule.Workflow!.Plan().Nodes.Skip(1).Select(node => node.Name));
    }

    [Fact]
    public async Task While_the_workflow_before_goes_on_an_occurrence_waits_for_its_end()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddSchedule(
                "held", Workflow.Chain(new Add(1, 2)).Then(Workflow.WaitForSignal<int>("go")).Then(number => new Twice(number)), every: Often,
                schedule => schedule with { Overlap = OverlapRule.QueueOne, History = 1_000 });
        });

        var held = await EventuallySchedule(queue, schedule => schedule.WaitingSince is not null, "held");
        var first = queue.Client.FindWorkflow<int>(held.History[0].RunId);
        await Eventually(async () => (await first.Snapshot()).Done == 1);
        await first.Signal("go", 21);
        var next = await EventuallySchedule(queue, schedule => schedule.History.Where(occurrence => occurrence.Result == OccurrenceResult.Submitted).Skip(1).Any(), "held");

        Assert.Equal(42, await first.Result(TaskQueueFixture.Patience));
        var second = next.History.Where(occurrence => occurrence.Result == OccurrenceResult.Submitted).ElementAt(1);
        Assert.Equal(held.WaitingSince, second.At);
        Assert.Equal(WorkflowState.Running, (await queue.Client.FindWorkflow(second.RunId).Snapshot()).State);
    }

    [Fact]
    public async Task A_workflow_is_put_and_started_by_hand_and_taken_back_by_the_next_one()
    {
        await using var queue = await Start(queue => queue.UseScheduling());
        var wait = new TaskSchedule("wait", Workflow.Chain(Workflow.WaitForSignal<int>("never")), ScheduleRule.Every(TimeSpan.FromDays(1))) { Overlap = OverlapRule.RevokePrevious };
        await Schedules(queue).Put(wait);

        var byHand = await Schedules(queue).RunWorkflowNow("wait");
        await Schedules(queue).Put(wait with { Rule = ScheduleRule.Every(Often) });
        var end = await byHand.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Revoked, end.State);
        Assert.Contains("The next occurrence of schedule 'wait' has come", end.RevokeReason, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Schedules(queue).RunNow("wait"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Schedules(queue).LastRun("wait"));
    }

    [Fact]
    public async Task An_occurrence_of_a_workflow_that_many_nodes_start_again_and_again_is_one_workflow()
    {
        var runs = new ConcurrentQueue<string>();
        await using var queue = await Start(builder => builder.AddTask((Work work) => runs.Enqueue(work.Name)).UseScheduling());
        var action = queue.Services.GetServices<IScheduleAction>().Single(action => action.Kind == ScheduledWorkflow.Kind);
        var at = TimeProvider.System.GetUtcNow();
        var occurrence = new Occurrence(ScheduleIds.OfOccurrence("tests", "twice", at), "tests", "twice", at, at);
        var schedule = new TaskSchedule("twice", Workflow.Chain(new Work("first")).Then(new Work("second")), ScheduleRule.Every(Often));
        var content = ScheduledWorkflow.Of(schedule, queue.Services.GetRequiredService<ScheduledCalls>()).Content;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => action.Do(content, occurrence, CancellationToken.None)));
        var end = await queue.Client.FindWorkflow(occurrence.Id).Completion(TaskQueueFixture.Patience);
        await action.Do(content, occurrence, CancellationToken.None);

        Assert.Equal(WorkflowState.Succeeded, end.State);
        Assert.Equal(["first", "second"], runs);
        Assert.True(await action.IsOver(occurrence.Id, CancellationToken.None));
    }
}
