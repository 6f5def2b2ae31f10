using TasksBus.Execution;

namespace TasksBus.Testing;

/// <summary>
/// An attempt for a handler that a test calls by itself: <c>await new ResizeHandler(images).Run(task, new TestTaskContext(attempt: 2))</c>. Keeps what the
/// handler reports and saves. Safe to share between threads.
/// </summary>
/// <param name="runId">The run. Default: a new id.</param>
/// <param name="taskName">The name of the task. Default: <c>test</c>.</param>
/// <param name="attempt">Which try this is, from 1. Default: 1.</param>
/// <param name="maxAttempts">How many there may be. Default: as in <see cref="RetryOptions.MaxAttempts"/>.</param>
/// <param name="queue">The queue. Default: <c>tasks</c>.</param>
/// <param name="worker">The worker. Default: <c>test</c>.</param>
/// <param name="submittedAt">When the run was submitted. Default: now.</param>
/// <param name="headers">The headers of the run. Default: none.</param>
/// <param name="fencingToken">The fencing token. Default: the number of the attempt.</param>
/// <param name="data">What an earlier attempt has saved. Default: nothing.</param>
/// <param name="step">The step of a workflow that the run is. Default: none.</param>
/// <param name="cancellationToken">Cancelled when the handler is to end. Default: never.</param>
public sealed class TestTaskContext(
    Guid? runId = null,
    string taskName = "test",
    int attempt = 1,
    int? maxAttempts = null,
    string queue = "tasks",
    string worker = "test",
    DateTimeOffset? submittedAt = null,
    IReadOnlyDictionary<string, string>? headers = null,
    long? fencingToken = null,
    object? data = null,
    WorkflowPlace? step = null,
    CancellationToken cancellationToken = default)
    : TaskContext
{
    private readonly Lock _lock = new();
    private readonly List<TaskProgress> _progress = [];
    private readonly List<Payload> _saved = [];
    private readonly List<Workflow> _added = [];

    // Read as the engine reads it: as JSON, of whatever type it was when it was saved.
    private Payload? _data = data is null ? null : Payload.From(data);

    /// <summary>What the handler has handed over to; null if it has not.</summary>
    public Workflow? Continuation { get; private set; }

    /// <summary>What the handler has added to the group of its step.</summary>
    public IReadOnlyList<Workflow> AddedToGroup => _added;

    /// <inheritdoc/>
    public override WorkflowPlace? Step => step;

    /// <inheritdoc/>
    public override Guid RunId { get; } = runId ?? Guid.CreateVersion7();

    /// <inheritdoc/>
    public override string TaskName => taskName;

    /// <inheritdoc/>
    public override int Attempt => attempt;

    /// <inheritdoc/>
    public override int MaxAttempts { get; } = maxAttempts ?? new RetryOptions().MaxAttempts;

    /// <inheritdoc/>
    public override string Queue => queue;

    /// <inheritdoc/>
    public override string Worker => worker;

    /// <inheritdoc/>
    public override DateTimeOffset SubmittedAt { get; } = submittedAt ?? TimeProvider.System.GetUtcNow();

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Headers { get; } = headers ?? new Dictionary<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override long FencingToken { get; } = fencingToken ?? attempt;

    /// <inheritdoc/>
    public override CancellationToken CancellationToken => cancellationToken;

    /// <summary>Every progress that the handler has reported, in order.</summary>
    public IReadOnlyList<TaskProgress> Progress
    {
        get
        {
            lock (_lock)
                return [.. _progress];
        }
    }

    /// <summary>Everything that the handler has saved, in order. <see cref="ReadData{T}"/> gives the latest.</summary>
    public IReadOnlyList<Payload> SavedData
    {
        get
        {
            lock (_lock)
                return [.. _saved];
        }
    }

    /// <inheritdoc/>
    public override ValueTask ReportProgress(long done, long? total = null, string? message = null)
    {
        var progress = HandlerReports.Progress(done, total, message);
        lock (_lock)
        {
            if (_progress.Count == 0 || done >= _progress[^1].Done)
                _progress.Add(progress);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask SaveData<T>(T data)
    {
        var payload = HandlerReports.Data(data, new TaskQueueOptions());
        lock (_lock)
        {
            _saved.Add(payload);
            _data = payload;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override T? ReadData<T>()
        where T : default
    {
        lock (_lock)
            return _data is null ? default : _data.As<T>();
    }

    /// <inheritdoc/>
    public override TResult ContinueAs<TResult>(Workflow<TResult> workflow)
    {
        Continuation = workflow;
        return default!;
    }

    /// <inheritdoc/>
    public override void ContinueAs(Workflow workflow) => Continuation = workflow;

    /// <inheritdoc/>
    public override Task AddToGroup(Workflow workflow)
    {
        lock (_lock)
            _added.Add(workflow);
        return Task.CompletedTask;
    }
}
