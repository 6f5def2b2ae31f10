using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tests.Limits;

namespace TasksBus.Tests;

/// <content>How many attempts run and start.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task No_more_attempts_of_a_task_run_at_a_time_than_its_limit_and_all_get_their_turn()
    {
        var crowd = new Crowd();
        await using var queue = await Start(queue => queue.AddTask((Upload _) => crowd.Pass(), task => task.Limit.MaxConcurrent = 3));

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 30).Select(_ => new Upload("acme")));
        var ends = await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count)));
        Assert.InRange(crowd.Largest, 1, 3);
    }

    [Fact]
    public async Task A_limit_of_all_tasks_counts_for_each_that_has_none_of_its_own()
    {
        var crowds = new Dictionary<string, Crowd>(StringComparer.Ordinal) { ["default"] = new(), ["own"] = new() };
        await using var queue = await Start(queue => queue
            .Configure(options => options.TaskLimit.MaxConcurrent = 1)
            .AddTask((Upload _) => crowds["default"].Pass())
            .AddTask((Work _) => crowds["own"].Pass(), task => task.Limit.MaxConcurrent = 3));

        var uploads = await queue.Client.RunMany(Enumerable.Range(0, 20).Select(_ => new Upload("acme")));
        var work = await queue.Client.RunMany(Enumerable.Range(0, 20).Select(_ => new Work()));
        await Task.WhenAll(uploads.Concat<TaskHandle>(work).Select(TaskQueueFixture.EndOf));

        Assert.Equal(1, crowds["default"].Largest);
        Assert.InRange(crowds["own"].Largest, 1, 3);
        Assert.Equal(3, (await Limits(queue).Find(LimitTarget.Task(TaskName.Of(typeof(Work))))).MaxConcurrent);
    }

    [Fact]
    public async Task A_run_that_waits_for_a_limit_holds_no_slot_and_says_what_it_waits_for()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue
            .Configure(options => (options.Concurrency, options.Execution) = (2, HandlerExecution.Async))
            .AddTask((Upload _) => gate.Pass(), task => task.Limit.MaxConcurrent = 1)
            .AddTask((Add task) => task.X + task.Y));

        var uploads = await queue.Client.RunMany(Enumerable.Range(0, 5).Select(_ => new Upload("acme")));
        await gate.Entered;
        var sum = await queue.Client.Run(new Add(1, 2));

        Assert.Equal(3, await sum.Result(TaskQueueFixture.Patience));
        var waiting = await Eventually(async () => (await Limits(queue).Find(LimitTarget.Task(TaskName.Of(typeof(Upload))))) is { Waiting: 4 } limit ? limit : null);
        Assert.Equal((1, 1, false), (waiting.MaxConcurrent, waiting.Running, waiting.IsSet));
        await Eventually(async () => await queue.Monitor.CountLimited() == 4 ? waiting : null);
        var snapshots = await Task.WhenAll(uploads.Select(run => run.Snapshot()));
        Assert.Equal(4, snapshots.Count(run => run is { State: TaskState.Pending, WaitsFor: "task:TasksBus.Tests.Limits.Upload" }));
        gate.Open();
        Assert.All(await Task.WhenAll(uploads.Select(TaskQueueFixture.EndOf)), end => Assert.Equal((TaskState.Succeeded, null), (end.State, end.WaitsFor)));
        Assert.Equal(0, await queue.Monitor.CountLimited());
    }

    [Fact]
    public async Task Each_key_has_a_limit_of_its_own()
    {
        var crowds = new Dictionary<string, Crowd>(StringComparer.Ordinal) { ["acme"] = new(), ["mega"] = new() };
        await using var queue = await Start(queue => queue.AddTask((Upload task) => crowds[task.Tenant].Pass(), task =>
        {
            task.LimitBy<Upload>(upload => upload.Tenant);
            task.KeyLimit.MaxConcurrent = 2;
        }));

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 20).Select(index => new Upload(index % 2 == 0 ? "acme" : "mega")));
        var ends = await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, end.Arguments!.As<Upload>()!.Tenant), (end.State, end.LimitKey)));
        Assert.All(crowds.Values, crowd => Assert.InRange(crowd.Largest, 1, 2));
        Assert.Equal(10, (await queue.Monitor.List(new TaskQuery { LimitKey = "acme" })).Runs.Count);
    }

    [Fact]
    public async Task Runs_of_other_applications_get_their_key_from_the_worker()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask((Upload _) => gate.Pass(), task =>
        {
            task.LimitBy<Upload>(upload => upload.Tenant);
            task.KeyLimit.MaxConcurrent = 1;
        }));

        var first = await queue.Client.Run(TaskName.Of(typeof(Upload)), new { Tenant = "acme" });
        await gate.Entered;
        var second = await queue.Client.Run(TaskName.Of(typeof(Upload)), new { Tenant = "acme" });

        var waiting = await Eventually(async () => await second.Snapshot() is { WaitsFor: not null } run ? run : null);
        Assert.Equal(("acme", "key:TasksBus.Tests.Limits.Upload acme"), (waiting.LimitKey, waiting.WaitsFor));
        gate.Open();
        Assert.All([await TaskQueueFixture.EndOf(first), await TaskQueueFixture.EndOf(second)], end => Assert.Equal(TaskState.Succeeded, end.State));
    }

    [Fact]
    public async Task A_call_can_have_a_key_and_a_limit_of_its_own()
    {
        var crowd = new Crowd();
        await using var queue = await Start(queue => queue.AddTask((Upload _) => crowd.Pass()));

        var runs = await queue.Client.RunMany(
            Enumerable.Range(0, 10).Select(_ => new Upload("acme")), new RunOptions { LimitKey = "import 7", KeyLimit = new LimitOptions { MaxConcurrent = 1 } });
        var ends = await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, "import 7"), (end.State, end.LimitKey)));
        Assert.Equal(1, crowd.Largest);
    }

    [Fact]
    public async Task A_rate_spreads_the_starts()
    {
        await using var queue = await Start(queue => queue.AddTask((Upload _) => { }, task => task.Limit.Rate = "10/s"));

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 5).Select(_ => new Upload("acme")));
        var starts = (await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf))).Select(end => end.StartedAt!.Value).Order().ToList();

        Assert.True(starts[^1] - starts[0] >= TimeSpan.FromMilliseconds(350), $"Five starts within {starts[^1] - starts[0]}.");
    }

    [Fact]
    public async Task A_limit_of_a_queue_counts_for_all_its_tasks()
    {
        var crowd = new Crowd();
        await using var queue = await Start(queue => queue
            .Configure(options => options.PerQueue["narrow"] = new QueueOptions { Limit = { MaxConcurrent = 1 } })
            .AddTask((Upload _) => crowd.Pass(), task => task.Queue = "narrow")
            .AddTask((Work _) => crowd.Pass(), task => task.Queue = "narrow"));

        IReadOnlyList<TaskHandle> runs =
            [.. await queue.Client.RunMany(Enumerable.Range(0, 5).Select(_ => new Upload("acme"))), .. await queue.Client.RunMany(Enumerable.Range(0, 5).Select(_ => new Work()))];
        await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf));

        Assert.Equal(1, crowd.Largest);
    }

    [Fact]
    public async Task A_limit_can_be_set_raised_and_reset_while_runs_wait_for_it()
    {
        var gate = new Gate();
        var target = LimitTarget.Task(TaskName.Of(typeof(Upload)));
        await using var queue = await Start(queue => queue.AddTask((Upload _) => gate.Pass(), task => task.Execution = HandlerExecution.Async));
        await Limits(queue).Set(target, new LimitOptions { MaxConcurrent = 1 });

        var runs = await queue.Client.RunMany(Enumerable.Range(0, 3).Select(_ => new Upload("acme")));
        await Eventually(async () => (await Limits(queue).Find(target)) is { Waiting: 2, IsSet: true } limit ? limit : null);
        await Limits(queue).Set(target, new LimitOptions { MaxConcurrent = 2 });
        await Eventually(async () => (await Limits(queue).Find(target)) is { Running: 2, Waiting: 1 } limit ? limit : null);
        await Limits(queue).Reset(target);
        await Eventually(() => gate.Visitors == 3);

        gate.Open();
        Assert.All(await Task.WhenAll(runs.Select(TaskQueueFixture.EndOf)), end => Assert.Equal(TaskState.Succeeded, end.State));
        Assert.False((await Limits(queue).Find(target)).IsSet);
    }

    [Fact]
    public async Task A_run_that_is_revoked_while_it_waits_makes_way_for_the_next()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask((Upload _) => gate.Pass(), task => task.Limit.MaxConcurrent = 1));
        var first = await queue.Client.Run(new Upload("acme"));
        await gate.Entered;
        var second = await queue.Client.Run(new Upload("acme"));
        await Eventually(async () => await second.Snapshot() is { WaitsFor: not null } run ? run : null);
        var third = await queue.Client.Run(new Upload("acme"));
        await Eventually(async () => await third.Snapshot() is { WaitsFor: not null } run ? run : null);

        await second.Revoke();
        gate.Open();

        Assert.Equal(
            [TaskState.Succeeded, TaskState.Revoked, TaskState.Succeeded],
            [(await TaskQueueFixture.EndOf(first)).State, (await TaskQueueFixture.EndOf(second)).State, (await TaskQueueFixture.EndOf(third)).State]);
        Assert.Equal(2, gate.Visitors);
    }

    [Fact]
    public async Task A_run_that_waits_for_its_next_attempt_has_given_its_permit_to_another()
    {
        var isFirst = true;
        await using var queue = await Start(queue => queue.AddTask(
            (Upload task) => task.Tenant == "bad" && isFirst ? throw new InvalidOperationException($"{isFirst = false}") : Task.CompletedTask,
            task =>
            {
                task.Limit.MaxConcurrent = 1;
                task.Retry.Delay = TimeSpan.FromMinutes(5);
                task.Retry.Jitter = false;
            }));

        var bad = await queue.Client.Run(new Upload("bad"));
        await TaskQueueFixture.Until(bad, TaskState.Retrying);
        var good = await TaskQueueFixture.EndOf(await queue.Client.Run(new Upload("good")));

        Assert.Equal((TaskState.Succeeded, TaskState.Retrying), (good.State, (await bad.Snapshot()).State));
    }

    [Fact]
    public async Task A_key_that_cannot_be_taken_from_the_arguments_is_an_error_at_the_first_place_that_takes_it()
    {
        await using var queue = await Start(queue => queue.AddTask((Upload _) => { }, task => task.LimitBy<Upload>(upload => upload.Tenant.ToUpperInvariant())));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Upload(null!)));
        var run = await queue.Client.Run(TaskName.Of(typeof(Upload)), new { Tenant = (string?)null });
        var end = await TaskQueueFixture.EndOf(run);

        Assert.Contains("The LimitKey of task 'TasksBus.Tests.Limits.Upload' cannot be taken from its arguments", error.Message, StringComparison.Ordinal);
        Assert.Equal((TaskState.Failed, FailureKind.BadPayload), (end.State, end.FailureKind));
        Assert.Contains("The LimitKey of task", end.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_that_cannot_be_read_for_their_key_fail_their_run_whatever_reading_them_throws()
    {
        await using var queue = await Start(queue => queue.AddTask((PickyUpload _) => { }, task => task.LimitBy<PickyUpload>(upload => upload.Tenant)));

        var end = await TaskQueueFixture.EndOf(await queue.Client.Run(TaskName.Of(typeof(PickyUpload)), new { Tenant = "nobody" }));

        Assert.Equal((TaskState.Failed, FailureKind.BadPayload, 1), (end.State, end.FailureKind, end.Attempts.Count));
    }

    private static ITaskLimits Limits(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskLimits>();
}
