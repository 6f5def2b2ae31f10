using Microsoft.Extensions.Logging;

using TasksBus.Limits;
using TasksBus.Pipeline;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>What a handler sees of its attempt, over the run that was claimed for it.</summary>
internal sealed class AttemptContext : TaskContext, IDisposable
{
    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>(StringComparer.Ordinal);

    private readonly ISagaStore _store;
    private readonly LeaseKeeper _leases;
    private readonly TaskQueueOptions _options;
    private readonly ProgressWriter _progress;
    private readonly IWorkflowSteps _steps;
    private Payload? _data;
    private int _additions;

    public AttemptContext(
        SagaDocument<TaskSaga> run, string queue, TaskOptions task, ITaskInvoker invoker, Payload? arguments,
        ISagaStore store, IWorkflowSteps steps, LeaseKeeper leases, TaskQueueOptions options, TimeProvider clock, ILogger log)
    {
        var saga = run.Saga;
        Run = run;
        RunId = saga.CorrelationId;
        TaskName = saga.TaskName;
        Attempt = saga.Attempt;
        MaxAttempts = saga.MaxAttempts;
        Queue = queue;
        Worker = options.WorkerName;
        SubmittedAt = saga.SubmittedAt;
        Headers = saga.Headers ?? NoHeaders;
        FencingToken = saga.FencingToken;
        _data = saga.Data;
        _store = store;
        _steps = steps;
        _leases = leases;
        _options = options;
        _progress = new ProgressWriter(store, RunId, FencingToken, options.ProgressInterval, clock, log, refused: () => leases.CheckRun(RunId));
        Pipeline = new Attempt(this, task, invoker, arguments, options.CancellationGrace, clock)
        {
            TimeLimit = saga.TimeLimit ?? task.TimeLimit ?? options.TimeLimit,
            HardTimeLimit = saga.HardTimeLimit ?? task.HardTimeLimit ?? options.HardTimeLimit,
        };
    }

    /// <summary>The run as it was claimed.</summary>
    public SagaDocument<TaskSaga> Run { get; }

    /// <summary>The permit under which it runs.</summary>
    public Permit Permit { get; init; } = Permit.NotNeeded;

    /// <summary>The attempt as the pipeline sees it.</summary>
    public Attempt Pipeline { get; }

    public override Guid RunId { get; }

    public override string TaskName { get; }

    public override int Attempt { get; }

    public override int MaxAttempts { get; }

    public override string Queue { get; }

    public override string Worker { get; }

    public override DateTimeOffset SubmittedAt { get; }

    public override IReadOnlyDictionary<string, string> Headers { get; }

    public override long FencingToken { get; }

    public override WorkflowPlace? Step => Run.Saga.Step;

    /// <summary>What takes the place of the run, once the handler has returned.</summary>
    public Workflow? Continuation { get; private set; }

    public override CancellationToken CancellationToken => Pipeline.Cancelled;

    public override ValueTask ReportProgress(long done, long? total = null, string? message = null) => _progress.Report(HandlerReports.Progress(done, total, message));

    public override async ValueTask SaveData<T>(T data)
    {
        var payload = HandlerReports.Data(data, _options);
        if (Pipeline.Abandoned.IsCancellationRequested)
            throw new StaleAttemptException();

        // A handler that was asked to end may save how far it has come.
        if (!await _store.WriteField(RunId, TaskFields.Data, payload.Json, FencingToken, CancellationToken.None).ConfigureAwait(false))
        {
            _leases.CheckRun(RunId);
            throw new StaleAttemptException();
        }

        _data = payload;
    }

    public override T? ReadData<T>()
        where T : default => _data is null ? default : _data.As<T>(_options.Json);

    public override TResult ContinueAs<TResult>(Workflow<TResult> workflow)
    {
        ContinueAs((Workflow)workflow);
        return default!;
    }

    public override void ContinueAs(Workflow workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        if (Run.Saga.IsMany)
        {
            throw new InvalidOperationException(
                $"Run {RunId} of task '{TaskName}' works through a list, and what takes its place would take that of all items. Use {nameof(Workflow)}.{nameof(Workflow.Group)}, where each has a run of its own.");
        }

        Continuation = workflow;
    }

    public override Task AddToGroup(Workflow workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        return _steps.Add(Run.Saga, Interlocked.Increment(ref _additions), workflow, CancellationToken);
    }

    /// <summary>Tells the handler to end. Once its lease is lost, nobody waits for it.</summary>
    public void Stop(StopReason reason) => Pipeline.Stop(reason, reason == StopReason.LeaseLost ? TimeSpan.Zero : null);

    /// <summary>Ends the writing of progress.</summary>
    /// <returns>The latest progress, if it is not written yet.</returns>
    public ValueTask<Payload?> CloseProgress() => _progress.Close();

    public void Dispose()
    {
        _progress.Dispose();
        Pipeline.Dispose();
    }
}
