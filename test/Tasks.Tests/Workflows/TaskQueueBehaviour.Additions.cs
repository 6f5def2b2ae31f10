using TasksBus.Tests.Workflows;

namespace TasksBus.Tests;

/// <content>Groups that grow while they run.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_member_adds_others_to_its_group()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(async (Spread task, TaskContext context) =>
            {
                for (var number = 1; number <= task.Number; number++)
                    await context.AddToGroup(new Twice(number).ToCall());
                return 1;
            });
        });

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Spread(2), new Twice(10)));

        Assert.Equal([1, 20, 2, 4], await workflow.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task What_an_attempt_adds_to_its_group_is_what_the_attempts_before_it_have_added_and_what_it_adds_beyond_that()
    {
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask(
                async (Spread task, TaskContext context) =>
                {
                    for (var number = 1; number <= context.Attempt; number++)
                        await context.AddToGroup(new Twice((10 * context.Attempt) + number).ToCall());
                    return context.Attempt < 3 ? throw new InvalidOperationException("not yet") : task.Number;
                },
                task => (task.Retry.MaxAttempts, task.Retry.Delay) = (3, TimeSpan.Zero));
        });

        var workflow = await queue.Client.Run(Workflow.Group<int>(new Spread(1), new Spread(2)));

        Assert.Equal([1, 2, 22, 22, 44, 44, 66, 66], (await workflow.Result(TaskQueueFixture.Patience)).Order());
        Assert.Equal(8, (await workflow.Snapshot()).Total);
    }

    [Fact]
    public async Task What_was_added_to_a_group_is_done_again_by_a_retry_and_not_added_again()
    {
        var isMended = false;
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Ask _) => Volatile.Read(ref isMended) ? "mended" : throw new InvalidOperationException("broken"), task => task.Retry.MaxAttempts = 1);
            builder.AddTask(
                async (Work _, TaskContext context) =>
                {
                    await context.AddToGroup(new Ask().ToCall());
                    if (!Volatile.Read(ref isMended))
                        throw new InvalidOperationException("broken");
                },
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Group(new Work().ToCall()));
        await AllSteps(workflow);

        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Equal(["null", "\"mended\""], (await workflow.Result(TaskQueueFixture.Patience)).Select(result => result.GetRawText()));
    }

    [Fact]
    public async Task What_was_added_is_taken_back_between_what_came_before_its_group_ended_and_what_came_after()
    {
        var undone = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work work, TaskContext _) => undone.Enqueue(work.Name));
            builder.AddTask(async (Spread task, TaskContext context) =>
            {
                await context.AddToGroup(Workflow.Chain(new Twice(3).ToCall().CompensatedBy(_ => new Work("added"))).Then(new Twice(4).ToCall().CompensatedBy(_ => new Work("behind it"))));
                return task.Number;
            });
        });

        var workflow = await queue.Client.Run(Workflow.Chain(Workflow.Group<int>(new Spread(1).ToCall().CompensatedBy(_ => new Work("member"))))
            .Then(new Twice(1).ToCall().CompensatedBy(_ => new Work("after")))
            .Then(new Break()));
        var end = await workflow.Completion(TaskQueueFixture.Patience);

        Assert.Equal(WorkflowState.Failed, end.State);
        Assert.Equal(["after", "behind it", "added", "member"], undone);
    }

    [Fact]
    public async Task What_comes_too_late_for_its_group_is_refused_and_is_not_run_by_a_retry()
    {
        TaskContext? first = null;
        var (isMended, added) = (false, 0);
        await using var queue = await Start(builder =>
        {
            Sums.Add(builder);
            builder.AddTask((Work _, TaskContext _) => Interlocked.Increment(ref added));
            builder.AddTask(
                (Spread task, TaskContext context) =>
                {
                    if (task.Number == 1)
                        first = context;
                    return task.Number == 1 || Volatile.Read(ref isMended) ? Task.FromResult(task.Number) : throw new InvalidOperationException("broken");
                },
                task => task.Retry.MaxAttempts = 1);
        });
        var workflow = await queue.Client.Run(Workflow.Group(new Spread(1), new Spread(2)));
        await workflow.Completion(TaskQueueFixture.Patience);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => first!.AddToGroup(Workflow.Chain(new Work()).Then(new Work())));
        Volatile.Write(ref isMended, value: true);
        await workflow.Retry();

        Assert.Contains("nothing can be added", refused.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], await workflow.Result(TaskQueueFixture.Patience));
        Assert.Equal(0, added);
    }
}
