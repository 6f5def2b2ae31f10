namespace TasksBus;

/// <summary>Where a run is. The last four are final: a run ends in exactly one of them and never leaves it.</summary>
public enum TaskState
{
    /// <summary>No run of this id is known: never submitted, forgotten, or its record has expired.</summary>
    NotFound = 0,

    /// <summary>Waits for its instant in the store, in no queue.</summary>
    Scheduled = 1,

    /// <summary>Waits in its queue for a worker.</summary>
    Pending = 2,

    /// <summary>A worker runs an attempt.</summary>
    Running = 3,

    /// <summary>An attempt has failed; the next one starts at <see cref="TaskSnapshot.NextAttemptAt"/>.</summary>
    Retrying = 4,

    /// <summary>The handler returned. Final.</summary>
    Succeeded = 5,

    /// <summary>It will not be tried again; <see cref="TaskSnapshot.Error"/> says why. Final.</summary>
    Failed = 6,

    /// <summary>Somebody took it back. Final.</summary>
    Revoked = 7,

    /// <summary>Its expiry passed before an attempt started. Final.</summary>
    Expired = 8,
}

/// <summary>Questions about a <see cref="TaskState"/>.</summary>
public static class TaskStates
{
    /// <summary>Whether a run in this state stays in it for good.</summary>
    public static bool IsFinal(this TaskState state) => state >= TaskState.Succeeded;
}

/// <summary>Why a run is <see cref="TaskState.Failed"/>.</summary>
public enum FailureKind
{
    /// <summary>The handler threw, and no attempt was left or the exception is not one to retry on.</summary>
    HandlerError = 0,

    /// <summary>An attempt took longer than it may.</summary>
    TimedOut = 1,

    /// <summary>The workers that ran it died.</summary>
    WorkerLost = 2,

    /// <summary>The handler threw <see cref="RejectTaskException"/>.</summary>
    Rejected = 3,

    /// <summary>The worker that received it has no handler for the task.</summary>
    NoHandler = 4,

    /// <summary>The message or its arguments could not be read, or are too long.</summary>
    BadPayload = 5,
}
