using TasksBus.Tests.Limits;

namespace TasksBus.Tests;

/// <content>Runs of which there may be only one.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_second_run_for_the_same_arguments_is_the_first_until_that_has_ended()
    {
        var gate = new Gate();
        await using var queue = await StartUnique(gate, unique => unique.Scope = UniqueScope.UntilFinal);

        var first = await queue.Client.Run(new Upload("acme"));
        await gate.Entered;
        var second = await queue.Client.Run(new Upload("acme"));
        var other = await queue.Client.Run(new Upload("mega"));
        gate.Open();
        await TaskQueueFixture.EndOf(first);
        var third = await queue.Client.Run(new Upload("acme"));

        Assert.Equal(first.RunId, second.RunId);
        Assert.NotEqual(first.RunId, other.RunId);
        Assert.NotEqual(first.RunId, third.RunId);
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(third)).State);
    }

    [Fact]
    public async Task A_run_that_is_unique_while_it_waits_may_be_submitted_again_once_it_runs()
    {
        var gate = new Gate();
        await using var queue = await StartUnique(gate, unique => unique.Scope = UniqueScope.WhileWaiting);
        var waiting = await queue.Client.Run(new Upload("acme"), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var same = await queue.Client.Run(new Upload("acme"));
        await waiting.Revoke();
        var running = await queue.Client.Run(new Upload("acme"));
        await TaskQueueFixture.Until(running, TaskState.Running);
        var next = await queue.Client.Run(new Upload("acme"));
        gate.Open();

        Assert.Equal(waiting.RunId, same.RunId);
        Assert.Equal(3, new HashSet<Guid> { waiting.RunId, running.RunId, next.RunId }.Count);
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(next)).State);
    }

    [Fact]
    public async Task A_run_that_is_unique_for_a_period_is_so_although_it_has_ended()
    {
        var gate = new Gate();
        gate.Open();
        await using var queue = await StartUnique(gate, unique => unique.Scope = UniqueScope.ForPeriod);

        var first = await queue.Client.Run(new Upload("acme"));
        await TaskQueueFixture.EndOf(first);
        var second = await queue.Client.Run(new Upload("acme"));

        Assert.Equal(first.RunId, second.RunId);
    }

    [Fact]
    public async Task A_second_run_can_be_dropped_and_says_why()
    {
        var gate = new Gate();
        await using var queue = await StartUnique(gate, unique => (unique.Scope, unique.OnDuplicate) = (UniqueScope.UntilFinal, DuplicateAction.Drop));
        var first = await queue.Client.Run(new Upload("acme"));

        var second = await TaskQueueFixture.EndOf(await queue.Client.Run(new Upload("acme")));
        gate.Open();

        Assert.NotEqual(first.RunId, second.RunId);
        Assert.Equal((TaskState.Revoked, $"Run {first.RunId} is there for the same."), (second.State, second.RevokeReason));
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(first)).State);
    }

    [Fact]
    public async Task A_second_run_can_take_the_place_of_the_first()
    {
        var gate = new Gate();
        gate.Open();
        await using var queue = await StartUnique(gate, unique => (unique.Scope, unique.OnDuplicate) = (UniqueScope.UntilFinal, DuplicateAction.Replace));
        var first = await queue.Client.Run(new Upload("acme"), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var second = await queue.Client.Run(new Upload("acme"));

        Assert.Equal((TaskState.Revoked, $"Replaced by run {second.RunId}."), ((await TaskQueueFixture.EndOf(first)).State, (await first.Snapshot()).RevokeReason));
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(second)).State);
    }

    [Fact]
    public async Task Of_many_that_submit_at_a_time_all_get_the_same_run()
    {
        var gate = new Gate();
        await using var queue = await StartUnique(gate, unique => unique.Scope = UniqueScope.UntilFinal);

        var runs = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => queue.Client.Run(TaskName.Of(typeof(Upload)), new { Tenant = "acme" })));
        gate.Open();

        Assert.Single(runs.Select(run => run.RunId).Distinct());
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(runs[0])).State);
    }

    [Fact]
    public async Task What_is_unique_can_be_said_by_the_task_and_by_the_call()
    {
        var gate = new Gate();
        await using var queue = await Start(queue => queue.AddTask((Upload _, CancellationToken token) => gate.Pass(token), task =>
        {
            task.Unique.Scope = UniqueScope.UntilFinal;
            task.UniqueBy<Upload>(upload => upload.Tenant[..1]);
        }));

        var first = await queue.Client.Run(new Upload("acme"));
        var byTask = await queue.Client.Run(new Upload("apex"));
        var byCall = await queue.Client.Run(new Upload("acme"), new RunOptions { UniqueKey = "other" });
        var notUnique = await queue.Client.Run(new Upload("acme"), new RunOptions { Unique = new UniqueOptions() });
        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Client.Run(new Upload("")));
        gate.Open();

        Assert.Equal(first.RunId, byTask.RunId);
        Assert.Equal(3, new HashSet<Guid> { first.RunId, byCall.RunId, notUnique.RunId }.Count);
        Assert.Contains("The UniqueKey of task 'TasksBus.Tests.Limits.Upload' cannot be taken from its arguments", error.Message, StringComparison.Ordinal);
    }

    private Task<TaskQueueFixture> StartUnique(Gate gate, Action<UniqueOptions> unique) =>
        Start(queue => queue.AddTask((Upload _, CancellationToken token) => gate.Pass(token), task => unique(task.Unique)));
}
