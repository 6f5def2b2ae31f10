using TasksBus.Configuration;

namespace TasksBus.Tests;

/// <content>Handlers that cannot do what they should.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task A_handler_whose_constructor_throws_fails_its_run_with_what_it_threw()
    {
        await using var queue = await Start(queue => queue.AddTask<Stillborn>(RetryQuickly));

        var run = await queue.Client.Run(new Bear());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.HandlerError, 4), (end.State, end.FailureKind, end.Attempt));
        Assert.Equal((typeof(InvalidOperationException).FullName, "No cradle."), (end.Error?.Type, end.Error?.Message));
        Assert.Contains(nameof(Stillborn), end.Error?.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_whose_services_are_missing_fails_its_run_with_their_names()
    {
        await using var queue = await Start(queue => queue.AddTask((Work _, ITaskQueueBuilder _) => { }, task => task.Retry.MaxAttempts = 1));

        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.HandlerError), (end.State, end.FailureKind));
        Assert.Contains(typeof(ITaskQueueBuilder).FullName!, end.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_cannot_be_serialised_fails_the_run_without_another_attempt()
    {
        await using var queue = await Start(queue => queue.AddTask((Work _) =>
        {
            var knot = new Knot();
            knot.Self = knot;
            return knot;
        }));

        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.HandlerError, 1), (end.State, end.FailureKind, end.Attempt));
        Assert.Equal(typeof(TaskResultException).FullName, end.Error?.Type);
        Assert.Contains($"'{TaskName.Of(typeof(Work))}' cannot be stored", end.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_is_too_long_fails_the_run_without_another_attempt()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.MaxPayloadSize = 2_000)
            .AddTask((Ask _) => new string('x', 2_000)));

        var run = await queue.Client.Run(new Ask());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.HandlerError, 1), (end.State, end.FailureKind, end.Attempt));
        Assert.Contains("2,002 bytes", end.Error?.Message, StringComparison.Ordinal);
        Assert.Contains($"{nameof(TaskQueueOptions.MaxPayloadSize)} = 2,000", end.Error?.Message, StringComparison.Ordinal);
    }

    public sealed record Bear : ITask;

    public sealed class Stillborn : ITaskHandler<Bear>
    {
        public Stillborn() => throw new InvalidOperationException("No cradle.");

        public Task Run(Bear task, TaskContext context) => Task.CompletedTask;
    }
}
