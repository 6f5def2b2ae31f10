using TasksBus.Client;

namespace TasksBus.Tracking;

/// <summary>What a worker or the dispatcher tells the state machine, in process. The machine writes its answer into the event.</summary>
internal interface IRunEvent : IAnswered
{
    Guid RunId { get; }
}

/// <summary>An event into which the machine writes an answer.</summary>
internal interface IAnswered
{
    /// <summary>Takes back the machine's answer, before the event is raised again on what somebody else has saved in between.</summary>
    void ClearAnswer()
    {
    }
}

/// <summary>A worker holds the message of the run and wants to run it.</summary>
internal sealed record ClaimRun(RunMessage Message, string Queue, string Worker, TaskOptions Options, TimeSpan Lease, int AttemptHistory) : IRunEvent
{
    public Guid RunId => Message.RunId;

    /// <summary>Tells it from other claims: one whose answer was lost is made again.</summary>
    public long ClaimId { get; } = Random.Shared.NextInt64();

    /// <summary>Its instant has not come, so that it needs no permit and waits in the store.</summary>
    public bool IsEarly { get; init; }

    public ClaimAnswer Answer { get; set; }

    public void ClearAnswer() => Answer = ClaimAnswer.Over;
}

/// <summary>What a worker may do with a run that it wants to claim.</summary>
internal enum ClaimAnswer
{
    /// <summary>It is over: drop the message.</summary>
    Over,

    /// <summary>It is yours: run it.</summary>
    Granted,

    /// <summary>It waits in the store, or another worker has it; the store sends it again when that is needed: drop the message.</summary>
    Parked,
}

/// <summary>A limit keeps the run from starting; it waits in the limit's line, and its message is not needed any more.</summary>
internal sealed record LimitReached(RunMessage Message, string Queue, TaskOptions Options, string WaitsFor) : IRunEvent
{
    public Guid RunId => Message.RunId;

    public bool IsAccepted { get; set; }

    public void ClearAnswer() => IsAccepted = false;
}

/// <summary>The worker that holds the message of the run has no handler for its task; another one may have.</summary>
internal sealed record HandlerMissing(RunMessage Message, string Queue, TimeSpan Patience, TimeSpan Pause) : IRunEvent
{
    public Guid RunId => Message.RunId;

    /// <summary>Whether the run waits in the store now, or is over; else it has waited long enough.</summary>
    public bool IsAccepted { get; set; }

    public void ClearAnswer() => IsAccepted = false;
}

/// <summary>How an attempt ended. Accepted only from the bearer of the latest fencing token.</summary>
internal abstract record AttemptEnded(Guid RunId, long FencingToken) : IRunEvent
{
    /// <summary>The last progress, if it is not stored yet.</summary>
    public Payload? Progress { get; init; }

    public bool IsAccepted { get; set; }

    public void ClearAnswer() => IsAccepted = false;
}

/// <summary>The handler returned.</summary>
internal sealed record AttemptSucceeded(Guid RunId, long FencingToken, Payload? Result) : AttemptEnded(RunId, FencingToken)
{
    /// <summary>The workflow that takes the place of the run.</summary>
    public Guid? ContinuedAs { get; init; }
}

/// <summary>The handler threw and gets another attempt.</summary>
internal sealed record AttemptRetries(Guid RunId, long FencingToken, TaskError Error, TimeSpan Delay, Payload? Arguments) : AttemptEnded(RunId, FencingToken);

/// <summary>The attempt was the last.</summary>
internal sealed record AttemptFailed(Guid RunId, long FencingToken, FailureKind Kind, TaskError Error) : AttemptEnded(RunId, FencingToken);

/// <summary>The attempt ended because somebody wanted the run back.</summary>
internal sealed record AttemptRevoked(Guid RunId, long FencingToken) : AttemptEnded(RunId, FencingToken);

/// <summary>The worker stops and hands the run to others; the attempt does not count.</summary>
internal sealed record AttemptReleased(Guid RunId, long FencingToken) : AttemptEnded(RunId, FencingToken);

/// <summary>The message of the run cannot be run: no handler, or nothing that a handler could read.</summary>
internal sealed record RunRefused(Guid RunId, FailureKind Kind, TaskError Error, Payload? Arguments = null) : IRunEvent;

/// <summary>The instant has come for which the run waits, or comes so soon that it is to be sent ahead.</summary>
internal sealed record RunDue(Guid RunId, TimeSpan Ahead = default) : IRunEvent
{
    /// <summary>Whether the run is to be sent to its queue.</summary>
    public bool MustSend { get; set; }

    public void ClearAnswer() => MustSend = false;
}

/// <summary>Somebody wants a run that has ended to start over.</summary>
internal sealed record ReplayRun(Guid RunId, Payload? Arguments, DateTimeOffset StartAt) : IRunEvent
{
    public bool IsAccepted { get; set; }

    public void ClearAnswer() => IsAccepted = false;
}

/// <summary>Somebody wants nothing to wait in the queue of the run.</summary>
internal sealed record PurgeRun(Guid RunId, string? Reason) : IRunEvent
{
    public bool IsAccepted { get; set; }

    public void ClearAnswer() => IsAccepted = false;
}

/// <summary>The worker of the run has not been heard of for its whole lease.</summary>
internal sealed record HolderLost(Guid RunId) : IRunEvent;

/// <summary>The broker has confirmed the run that was due. Counts only if no worker has claimed it and nothing has made it due for something else since it was taken.</summary>
internal sealed record RunSent(Guid RunId, long FencingToken, DateTimeOffset? DueAt) : IRunEvent;
