using System.Text;

using MassTransit;

using Microsoft.Extensions.Time.Testing;

using TasksBus.Client;
using TasksBus.InMemory;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>One run on a tracker of its own, in memory, on a clock that stands still: what the bus, a worker and the dispatcher would tell it, the test tells it.</summary>
internal sealed class TrackedRun
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(20);

    private readonly RunTracker _tracker;

    /// <summary>A run on a tracker and a clock of its own.</summary>
    public TrackedRun()
    {
        Clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Store = new InMemorySagaStore(Clock);
        _tracker = new RunTracker(
            new TaskStateMachine(message => NewRun.From(message, Options, "tasks", Clock.GetUtcNow()), Clock, RevokeContinuation),
            new SagaDocuments<TaskSaga>(Store, new TaskSagaMapping()));
    }

    /// <summary>A run beside another one: to make a state machine takes longer than to live through many runs.</summary>
    public TrackedRun(TrackedRun other)
    {
        Clock = other.Clock;
        Store = other.Store;
        _tracker = other._tracker;
    }

    public FakeTimeProvider Clock { get; }

    public ISagaStore Store { get; }

    public TaskOptions Options { get; } = new() { Name = "Acme.Resize", Retry = { MaxAttempts = 3 } };

    /// <summary>The workflows that were revoked because they stand for the run.</summary>
    public List<(Guid WorkflowId, string? Reason)> RevokedContinuations { get; } = [];

    public int AttemptHistory { get; set; } = 10;

    public Guid Id { get; } = Guid.NewGuid();

    public TaskStateMachine Machine => _tracker.Machine;

    /// <summary>The message that brings the run to its queue.</summary>
    public RunMessage Message(TimeSpan? delay = null, TimeSpan? expiresIn = null) => new()
    {
        RunId = Id,
        TaskName = Options.Name,
        Queue = "tasks",
        Arguments = Payload.FromJson("{}"u8.ToArray()),
        SubmittedAt = Clock.GetUtcNow(),
        NotBefore = Clock.GetUtcNow() + delay,
        ExpiresAt = Clock.GetUtcNow() + expiresIn,
    };

    /// <summary>Records the run as its submission does.</summary>
    public async Task<RunMessage> Submit(TimeSpan? delay = null, TimeSpan? expiresIn = null)
    {
        var message = Message(delay, expiresIn);
        await Record(message);
        return message;
    }

    public async Task Record(RunMessage message) => await _tracker.Submit(NewRun.From(message, Options, "tasks", Clock.GetUtcNow()));

    /// <summary>A worker asks for the run, having read it as it is stored.</summary>
    public async Task<ClaimAnswer> Claim(RunMessage message, string worker = "worker-1")
    {
        var claim = new ClaimRun(message, "tasks", worker, Options, Lease, AttemptHistory);
        await _tracker.RaiseOnStoredOr(() => AsSubmitted(message), Machine.Claimed, claim);
        return claim.Answer;
    }

    /// <summary>A worker asks for the run, taking it to be as its submission has recorded it.</summary>
    public async Task<ClaimAnswer> ClaimUnread(RunMessage message, string worker = "worker-1")
    {
        var claim = new ClaimRun(message, "tasks", worker, Options, Lease, AttemptHistory);
        await _tracker.RaiseOn(AsSubmitted(message), Machine.Claimed, claim, orAbsent: true);
        return claim.Answer;
    }

    /// <summary>A worker tells how its attempt ended.</summary>
    /// <returns>Whether that was accepted.</returns>
    public async Task<bool> End<T>(Event<T> @event, T ended)
        where T : AttemptEnded
    {
        await _tracker.Raise(@event, ended);
        return ended.IsAccepted;
    }

    public Task<bool> Succeed(long token) => End(Machine.Succeeding, new AttemptSucceeded(Id, token, Payload.FromJson("42"u8.ToArray())));

    /// <summary>A worker tells that its attempt has handed over to a workflow.</summary>
    public Task<bool> HandOver(long token, Guid workflowId) => End(Machine.Succeeding, new AttemptSucceeded(Id, token, Result: null) { ContinuedAs = workflowId });

    public Task<bool> Fail(long token) => End(Machine.Failing, new AttemptFailed(Id, token, FailureKind.HandlerError, Error));

    public Task<bool> FailForNow(long token, TimeSpan? delay = null) =>
        End(Machine.Retry, new AttemptRetries(Id, token, Error, delay ?? TimeSpan.FromSeconds(5), Payload.FromJson("{}"u8.ToArray())));

    public Task<bool> Release(long token) => End(Machine.Releasing, new AttemptReleased(Id, token));

    public Task<bool> EndRevoked(long token) => End(Machine.Revoking, new AttemptRevoked(Id, token));

    /// <summary>The dispatcher finds that the run is due.</summary>
    /// <returns>Whether the run is to be sent to its queue.</returns>
    public async Task<bool> BecomeDue()
    {
        var due = new RunDue(Id);
        var run = await _tracker.Raise(Machine.Due, due);
        if (due.MustSend)
            Unconfirmed = new RunSent(Id, run!.Saga.FencingToken, run.Saga.DueAt);
        return due.MustSend;
    }

    /// <summary>What the dispatcher that took the run last will say once the broker has confirmed it.</summary>
    public RunSent? Unconfirmed { get; private set; }

    /// <summary>The broker confirms what a dispatcher has sent; if that is not said, what was sent last.</summary>
    public Task ConfirmSent(RunSent? sent = null) => Raise(Machine.Sent, sent ?? Unconfirmed ?? new RunSent(Id, FencingToken: 0, DueAt: null));

    /// <summary>Somebody has noticed that the run's worker is silent.</summary>
    public Task LoseHolder() => Raise(Machine.HolderLost, new HolderLost(Id));

    public Task Replay() => Raise(Machine.ReplayWanted, new ReplayRun(Id, Arguments: null, Clock.GetUtcNow()));

    public Task Revoke(string? reason = null) => Raise(Machine.RevokeWanted, new RevokeTask(Id, reason));

    /// <summary>Somebody wants nothing to wait in its queue.</summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> Purge(string? reason = null)
    {
        var purge = new PurgeRun(Id, reason);
        await Raise(Machine.PurgeWanted, purge);
        return purge.IsAccepted;
    }

    public Task ReachLimit() => ReachLimit(Message());

    /// <summary>A limit keeps the run from starting, whose message a worker holds.</summary>
    /// <returns>Whether the run waits for it.</returns>
    public async Task<bool> ReachLimit(RunMessage message)
    {
        var reached = new LimitReached(message, "tasks", Options, "task:a");
        await _tracker.RaiseOnStoredOr(() => AsSubmitted(message), Machine.LimitReached, reached);
        return reached.IsAccepted;
    }

    /// <summary>A worker without a handler for the task gets the run.</summary>
    /// <returns>Whether the run is done with, as far as that worker is concerned.</returns>
    public async Task<bool> MissHandler(RunMessage? message = null)
    {
        message ??= Message();
        var missing = new HandlerMissing(message, "tasks", Patience: TimeSpan.FromMinutes(1), Pause: TimeSpan.FromSeconds(5));
        await _tracker.RaiseOnStoredOr(() => AsSubmitted(message), Machine.HandlerMissing, missing);
        return missing.IsAccepted;
    }

    public async Task Refuse() =>
        await _tracker.RaiseOnStoredOr(() => AsSubmitted(Message()), Machine.Refused, new RunRefused(Id, FailureKind.BadPayload, Error, Payload.FromJson("{}"u8.ToArray())));

    public async Task Raise<T>(Event<T> @event, T message)
        where T : class =>
        await _tracker.Raise(@event, message, Id);

    /// <summary>The run as it is stored.</summary>
    public async Task<TaskSaga> Load() => (await _tracker.Documents.Load(Id))?.Saga ?? throw new InvalidOperationException("Nothing is stored of the run.");

    /// <summary>The run's document as it is stored.</summary>
    public async Task<string> LoadDocument() => Encoding.UTF8.GetString((await Store.Load(Id))!.Document.Span);

    public async Task<TaskState> State() => Enum.Parse<TaskState>((await Load()).CurrentState);

    private Task RevokeContinuation(Guid workflowId, string? reason)
    {
        RevokedContinuations.Add((workflowId, reason));
        return Task.CompletedTask;
    }

    private static TaskError Error { get; } = new("Acme.TornPaper", "The paper is torn.");

    private SagaDocument<TaskSaga> AsSubmitted(RunMessage message) => new(NewRun.From(message, Options, "tasks", Clock.GetUtcNow()), NewRun.Version);
}
