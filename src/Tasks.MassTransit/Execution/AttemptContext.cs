using Microsoft.Extensions.Logging;

using TasksBus.Pipeline;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>What a handler sees of its attempt, over the run that was claimed for it.</summary>
internal sealed class AttemptContext : TaskContext, IDisposable
{
    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>(StringComparer.Ordinal);

    // Neither is disposed: a handler that was left behind may still use its token.
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ISagaStore _store;
    private readonly LeaseKeeper _leases;
    private readonly TaskQueueOptions _options;
    private readonly TimeProvider _clock;
    private readonly ProgressWriter _progress;
    private ITimer? _grace;
    private Payload? _data;

    public AttemptContext(
        SagaDocument<TaskSaga> run, string queue, TaskOptions task, ITaskInvoker invoker, Payload? arguments,
        ISagaStore store, LeaseKeeper leases, TaskQueueOptions options, TimeProvider clock, ILogger log)
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
        _leases = leases;
        _options = options;
        _clock = clock;
        _progress = new ProgressWriter(store, RunId, FencingToken, options.ProgressInterval, clock, log, refused: () => leases.CheckRun(RunId));
        Pipeline = new Attempt(this, task, invoker, arguments, _abandoned.Token);
    }

    /// <summary>The run as it was claimed.</summary>
    public SagaDocument<TaskSaga> Run { get; }

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

    public override CancellationToken CancellationToken => _cancelled.Token;

    public override ValueTask ReportProgress(long done, long? total = null, string? message = null) => _progress.Report(HandlerReports.Progress(done, total, message));

    public override async ValueTask SaveData<T>(T data)
    {
        var payload = HandlerReports.Data(data, _options);
        if (!await _store.WriteField(RunId, TaskFields.Data, payload.Json, FencingToken, CancellationToken).ConfigureAwait(false))
        {
            _leases.CheckRun(RunId);
            throw new StaleAttemptException();
        }

        _data = payload;
    }

    public override T? ReadData<T>()
        where T : default => _data is null ? default : _data.As<T>(_options.Json);

    /// <summary>Tells the handler to end, and stops waiting for it after a while.</summary>
    public void Stop(StopReason reason)
    {
        if (!Pipeline.Stop(reason))
            return;
        var grace = reason == StopReason.LeaseLost ? TimeSpan.Zero : _options.CancellationGrace;
        _grace = _clock.CreateTimer(static abandoned => ((CancellationTokenSource)abandoned!).Cancel(), _abandoned, grace, Timeout.InfiniteTimeSpan);
        _ = _cancelled.CancelAsync();
    }

    /// <summary>Ends the writing of progress.</summary>
    /// <returns>The latest progress, if it is not written yet.</returns>
    public ValueTask<Payload?> CloseProgress() => _progress.Close();

    public void Dispose()
    {
        _progress.Dispose();
        _grace?.Dispose();
    }
}
