namespace TasksBus.Pipeline;

/// <summary>One attempt on its way through the pipeline.</summary>
internal sealed class Attempt(TaskContext context, TaskOptions options, ITaskInvoker invoker, Payload? arguments, TimeSpan grace, TimeProvider clock) : IDisposable
{
    // Neither is disposed: a handler that was left behind may still use its token.
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned = new();
    private ITimer? _grace;
    private readonly Lock _beginning = new();
    private int _stopReason;
    private bool _hasBegun;
    private bool _isHandedBack;

    /// <summary>What the handler sees.</summary>
    public TaskContext Context { get; } = context;

    /// <summary>The options of the task.</summary>
    public TaskOptions Options { get; } = options;

    /// <summary>The user's code.</summary>
    public ITaskInvoker Invoker { get; } = invoker;

    /// <summary>The arguments as they came.</summary>
    public Payload? Payload { get; } = arguments;

    /// <summary>After this the handler is to end; null: it has all the time.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>After this nobody waits for it any longer; null: as long as it takes.</summary>
    public TimeSpan? HardTimeLimit { get; init; }

    /// <summary>Until then the handler is not called; null: it need not wait.</summary>
    public DateTimeOffset? StartsAt { get; set; }

    /// <summary>To be called when the handler is, for the first time.</summary>
    public Action? OnBegin { get; set; }

    /// <summary>The arguments as the handler gets them, once read.</summary>
    public object? Arguments { get; set; }

    /// <summary>The dependency-injection scope of the attempt, once open.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>Its limits, if it has any, once somebody looks after them.</summary>
    public AttemptTimers? Timers { get; set; }

    /// <summary>Where the handler runs.</summary>
    public IHandlerTurn Turn { get; set; } = PoolTurn.Instance;

    /// <summary>What the handler does, once called: it may outlive the attempt.</summary>
    public Task? Handler { get; set; }

    /// <summary>When it is cancelled, the handler is to end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>When it is cancelled, the handler has had its time to end; nobody waits for it any longer.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Why the attempt is to end; the first reason stays.</summary>
    public StopReason StopReason => (StopReason)Volatile.Read(ref _stopReason);

    /// <summary>Tells the handler to end, and stops waiting for it after a while.</summary>
    /// <param name="reason">Why; only the first one counts.</param>
    /// <param name="wait">For how long to wait for it; null: as long as the worker gives every handler.</param>
    public void Stop(StopReason reason, TimeSpan? wait = null)
    {
        if (Interlocked.CompareExchange(ref _stopReason, (int)reason, (int)StopReason.None) != (int)StopReason.None)
            return;
        _grace = clock.CreateTimer(static attempt => ((Attempt)attempt!).Abandon(), this, wait ?? grace, Timeout.InfiniteTimeSpan);
        _ = _cancelled.CancelAsync();
    }

    /// <summary>The handler is about to be called, maybe not for the first time.</summary>
    /// <returns>False: the attempt was handed back while it waited for its turn.</returns>
    public bool TryBegin()
    {
        lock (_beginning)
        {
            if (_isHandedBack)
                return false;
            if (!_hasBegun)
                OnBegin?.Invoke();
            return _hasBegun = true;
        }
    }

    /// <summary>Ends the attempt, unless its handler was called.</summary>
    public void StopUnlessBegun(StopReason reason)
    {
        lock (_beginning)
        {
            if (_hasBegun)
                return;
            _isHandedBack = true;
            Stop(reason);
        }
    }

    /// <summary>Stops waiting for the handler now.</summary>
    public void Abandon() => _ = _abandoned.CancelAsync();

    public void Dispose() => _grace?.Dispose();
}

/// <summary>Why a running attempt is to end.</summary>
internal enum StopReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Somebody wants the run back.</summary>
    Revoked,

    /// <summary>Another worker has the run, or it is over.</summary>
    LeaseLost,

    /// <summary>The worker stops.</summary>
    WorkerStops,

    /// <summary>It has taken too long.</summary>
    TimedOut,
}
