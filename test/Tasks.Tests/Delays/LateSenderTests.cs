using Microsoft.Extensions.Time.Testing;

using TasksBus.Client;
using TasksBus.InMemory;
using TasksBus.Tracking;

namespace TasksBus.Tests.Delays;

public class LateSenderTests
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _clock = new();
    private readonly RunTracker _tracker;
    private readonly TaskOptions _task = new() { Name = "import" };
    private readonly RunMessage _message;

    public LateSenderTests()
    {
        _message = new RunMessage { RunId = Guid.NewGuid(), TaskName = "import", Queue = "tasks", NotBefore = _clock.GetUtcNow() + TimeSpan.FromMinutes(1) };
        var machine = new TaskStateMachine(message => NewRun.From(message, _task, message.Queue!, _clock.GetUtcNow()), _clock);
        _tracker = new RunTracker(machine, new SagaDocuments<TaskSaga>(new InMemorySagaStore(_clock), new TaskSagaMapping()));
    }

    [Fact]
    public async Task A_sender_that_comes_late_leaves_the_instant_of_the_next_attempt_alone()
    {
        await Submit();
        var sent = await Look();
        var claimed = await Raise(_tracker.Machine.Claimed, new ClaimRun(_message, "tasks", "worker", _task, TimeSpan.FromSeconds(20), AttemptHistory: 10));
        var failed = new AttemptRetries(_message.RunId, claimed.FencingToken, new TaskError("Error", "broken"), TimeSpan.FromMinutes(5), Arguments: null);
        await Raise(_tracker.Machine.Retry, failed);

        var run = await Raise(_tracker.Machine.Sent, new RunSent(_message.RunId, sent.FencingToken, sent.DueAt));

        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromMinutes(5), run.DueAt);
    }

    [Fact]
    public async Task A_sender_that_comes_late_leaves_the_next_attempt_alone_though_it_is_due_when_the_sending_would_have_been_repeated()
    {
        await Submit();
        var sent = await Look();
        var (token, hiddenUntil) = (sent.FencingToken, sent.DueAt);
        var claimed = await Raise(_tracker.Machine.Claimed, new ClaimRun(_message, "tasks", "worker", _task, TimeSpan.FromSeconds(20), AttemptHistory: 10));
        await Raise(_tracker.Machine.Retry, new AttemptRetries(_message.RunId, claimed.FencingToken, new TaskError("Error", "broken"), SendTimeout, Arguments: null));

        var run = await Raise(_tracker.Machine.Sent, new RunSent(_message.RunId, token, hiddenUntil));

        Assert.Equal(_clock.GetUtcNow() + SendTimeout, run.DueAt);
    }

    [Fact]
    public async Task A_sender_that_comes_in_time_leaves_the_run_to_the_workers()
    {
        await Submit();
        var sent = await Look();

        var run = await Raise(_tracker.Machine.Sent, new RunSent(_message.RunId, sent.FencingToken, sent.DueAt));

        Assert.Null(run.DueAt);
    }

    private async Task Submit()
    {
        await _tracker.Submit(NewRun.From(_message, _task, "tasks", _clock.GetUtcNow()));
        _clock.Advance(TimeSpan.FromMinutes(1));
    }

    private Task<TaskSaga> Look() => Raise(_tracker.Machine.Due, new RunDue(_message.RunId));

    private async Task<TaskSaga> Raise<T>(MassTransit.Event<T> @event, T message)
        where T : class, IRunEvent =>
        (await _tracker.Raise(@event, message))!.Saga;
}
