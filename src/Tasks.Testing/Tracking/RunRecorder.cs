using TasksBus.Tracking;

namespace TasksBus.Testing;

/// <summary>Writes down what happens to all runs, and wakes those who wait for it. Safe to share between threads.</summary>
internal sealed class RunRecorder
{
    private readonly Dictionary<Guid, RunRecord> _runs = [];
    private readonly List<SubmittedRun> _submitted = [];
    private readonly HashSet<Guid> _submittedIds = [];
    private TaskCompletionSource _nextLife = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards everything here. The store writes while it holds it: whoever a write has woken reads here only once it is written down.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Completes when anything moves after this was read.</summary>
    public Task NextLife => Read(() => _nextLife.Task);

    /// <summary>What was submitted so far.</summary>
    public IReadOnlyList<SubmittedRun> Submitted => Read(() => _submitted.ToArray());

    /// <summary>Whether an attempt runs.</summary>
    public bool IsAnyRunning => Read(() => _runs.Values.Any(IsRunning));

    /// <summary>Whether the dispatcher has something to do.</summary>
    public bool IsAnyDue(DateTimeOffset now) => Read(() => _runs.Values.Any(run => run.DueAt <= now));

    /// <summary>When the dispatcher has something to do next; null: never.</summary>
    public DateTimeOffset? NextDue(DateTimeOffset after) => Read(() => _runs.Values.Where(run => run.DueAt > after).Min(run => run.DueAt));

    /// <summary>The runs that move on by themselves.</summary>
    public IReadOnlyList<RunRecord> Underway(DateTimeOffset now, TaskQueueOptions options) => Read(() =>
    {
        var running = _runs.Values.Where(IsRunning).CountBy(run => run.Latest!.Queue).ToDictionary(StringComparer.Ordinal);
        return _runs.Values.Where(run => run.IsBeingDispatched(now) || (run.IsUnderway(now) && (IsRunning(run) || CanStart(run)))).ToArray();

        bool CanStart(RunRecord run) => options.IsWorker && (run.Latest is null || running.GetValueOrDefault(run.Latest.Queue) < options.Concurrency);
    });

    /// <summary>The run as it was saved last; null while at most its message is known.</summary>
    public TaskSnapshot? LatestOf(Guid runId) => Read(() => _runs.GetValueOrDefault(runId)?.Latest);

    /// <summary>The states of a run so far, with the instants at which it came into them.</summary>
    public IReadOnlyList<(DateTimeOffset At, TaskSnapshot Run)> HistoryOf(Guid runId) => Read(() => _runs.GetValueOrDefault(runId)?.History.ToArray() ?? []);

    /// <summary>The progress of a run so far.</summary>
    public IReadOnlyList<TaskProgress> ProgressOf(Guid runId) => Read(() => _runs.GetValueOrDefault(runId)?.Progress.ToArray() ?? []);

    /// <summary>Something was submitted; the same run twice counts once.</summary>
    public void AddSubmitted(SubmittedRun run)
    {
        lock (Gate)
        {
            if (_submittedIds.Add(run.RunId))
                _submitted.Add(run);
            Of(run.RunId).ShowLife();
        }

        ShowLife();
    }

    /// <summary>A run was saved.</summary>
    public void AddSaved(TaskSaga run, DateTimeOffset at)
    {
        if (run.Is(TaskState.Scheduled))
            AddSubmitted(SubmittedRun.From(run));
        lock (Gate)
            Of(run.CorrelationId).Add(run, at);
        ShowLife();
    }

    /// <summary>Progress was written.</summary>
    public void AddProgress(Guid runId, TaskProgress progress)
    {
        lock (Gate)
            Of(runId).Progress.Add(progress);
        ShowLife(runId);
    }

    /// <summary>A run has got a permit under a limit, or given it back.</summary>
    public void ShowPermit(Guid runId, bool hasPermit)
    {
        lock (Gate)
            Of(runId).HasPermit = hasPermit;
        ShowLife(runId);
    }

    /// <summary>Something moves in a run.</summary>
    public void ShowLife(Guid runId)
    {
        lock (Gate)
            Of(runId).ShowLife();
        ShowLife();
    }

    /// <summary>Something moves.</summary>
    public void ShowLife() =>
        Interlocked.Exchange(ref _nextLife, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    private static bool IsRunning(RunRecord run) => run.Latest?.State == TaskState.Running;

    private RunRecord Of(Guid runId) => _runs.TryGetValue(runId, out var run) ? run : _runs[runId] = new RunRecord(runId);

    private T Read<T>(Func<T> read)
    {
        lock (Gate)
            return read();
    }
}
