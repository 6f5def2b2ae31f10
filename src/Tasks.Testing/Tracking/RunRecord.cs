using TasksBus.Tracking;

namespace TasksBus.Testing;

/// <summary>What has happened to a run. Guarded by the lock of its <see cref="RunRecorder"/>.</summary>
internal sealed class RunRecord(Guid runId)
{
    private long _lastLife = TimeProvider.System.GetTimestamp();

    /// <summary>The run.</summary>
    public Guid RunId => runId;

    /// <summary>Each state that the run came into, in order, with the instant of the test's clock.</summary>
    public List<(DateTimeOffset At, TaskSnapshot Run)> History { get; } = [];

    /// <summary>Every progress that was written.</summary>
    public List<TaskProgress> Progress { get; } = [];

    /// <summary>When the dispatcher is to look at it.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>The run as it was saved last; null while only its message is known.</summary>
    public TaskSnapshot? Latest => History.Count == 0 ? null : History[^1].Run;

    /// <summary>Whether it has a permit under a limit.</summary>
    public bool HasPermit { get; set; }

    /// <summary>How long nothing has moved in it, in real time.</summary>
    public TimeSpan QuietFor => TimeProvider.System.GetElapsedTime(_lastLife);

    public void ShowLife() => _lastLife = TimeProvider.System.GetTimestamp();

    public void Add(TaskSaga saga, DateTimeOffset at)
    {
        ShowLife();
        DueAt = saga.DueAt;
        var run = saga.ToSnapshot();
        if (Latest is { } before && (before.State, before.Attempt, before.NextAttemptAt, before.Worker) == (run.State, run.Attempt, run.NextAttemptAt, run.Worker))
            History[^1] = (History[^1].At, run);
        else
            History.Add((at, run));
    }

    /// <summary>Whether the dispatcher is at it: what is due, and was not just sent, it has already in hand.</summary>
    public bool IsBeingDispatched(DateTimeOffset now) => DueAt <= now && Latest?.State != TaskState.Running;

    /// <summary>Whether the run moves on by itself, without the test or the clock: its message is on the way, or an attempt runs.</summary>
    public bool IsUnderway(DateTimeOffset now) => Latest switch
    {
        _ when HasPermit => true,
        { State: TaskState.Pending, WaitsFor: not null } => false,
        null or { State: TaskState.Pending or TaskState.Running } => true,
        { State: TaskState.Scheduled } => DueAt <= now,
        { State: TaskState.Retrying, NextAttemptAt: var next } => next <= now,
        _ => false,
    };
}
