using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.InMemory;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>What the bus answers to <see cref="GetTaskState"/>.</summary>
public sealed class AskingForAStateTests
{
    public static TheoryData<TaskState> States() => [.. RunStates.All];

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_run_in_any_state_can_be_asked_for(TaskState state)
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, state);
        await using var queue = await TaskQueueFixture.Start(_ => { }, services => services.AddSingleton<ISagaStores>(new OneStore(run.Store)));

        var answer = await Ask(queue, run.Id);

        Assert.Equal((run.Id, state), (answer.RunId, answer.State));
    }

    [Fact]
    public async Task An_unknown_run_is_answered_as_not_found()
    {
        await using var queue = await TaskQueueFixture.Start(_ => { });
        var id = Guid.NewGuid();

        var answer = await Ask(queue, id);

        Assert.Equal(TaskSnapshot.NotFound(id).State, answer.State);
        Assert.Equal(id, answer.RunId);
    }

    [Fact]
    public async Task The_answer_is_the_whole_snapshot()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask(async (Add task, TaskContext context) =>
        {
            await context.ReportProgress(1, 2, "half");
            return task.X + task.Y;
        }));
        var run = await queue.Client.Run(new Add(2, 3), new RunOptions { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } });
        var end = await TaskQueueFixture.EndOf(run);

        var answer = await Ask(queue, run.RunId);

        Assert.Equal((end.State, end.TaskName, end.Queue, end.Worker, end.SubmittedAt, end.FinishedAt), (answer.State, answer.TaskName, answer.Queue, answer.Worker, answer.SubmittedAt, answer.FinishedAt));
        Assert.Equal(new TaskProgress(1, 2, "half"), answer.Progress);
        Assert.Equal(5, answer.Result?.As<int>());
        Assert.Equal(new Add(2, 3), answer.Arguments?.As<Add>());
        Assert.Equal("acme", answer.Headers["tenant"]);
        Assert.Equal(end.Attempts, answer.Attempts);
    }

    private static async Task<TaskSnapshot> Ask(TaskQueueFixture queue, Guid runId)
    {
        await using var scope = queue.Services.CreateAsyncScope();
        var response = await scope.ServiceProvider.GetRequiredService<IRequestClient<GetTaskState>>().GetResponse<TaskSnapshot>(new GetTaskState(runId));
        return response.Message;
    }

    private sealed class OneStore(ISagaStore store) : ISagaStores
    {
        public ISagaStore Of(string kind) => kind == TaskFields.Kind ? store : new InMemorySagaStore(TimeProvider.System);
    }
}
