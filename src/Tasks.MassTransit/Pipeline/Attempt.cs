namespace TasksBus.Pipeline;

/// <summary>One attempt on its way through the pipeline.</summary>
internal sealed class Attempt(TaskContext context, TaskOptions options, ITaskInvoker invoker, Payload? arguments, CancellationToken abandoned)
{
    private int _stopReason;

    /// <summary>What the handler sees.</summary>
    public TaskContext Context { get; } = context;

    /// <summary>The options of the task.</summary>
    public TaskOptions Options { get; } = options;

    /// <summary>The user's code.</summary>
    public ITaskInvoker Invoker { get; } = invoker;

    /// <summary>The arguments as they came.</summary>
    public Payload? Payload { get; } = arguments;

    /// <summary>The arguments as the handler gets them, once read.</summary>
    public object? Arguments { get; set; }

    /// <summary>The dependency-injection scope of the attempt, once open.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>When it is cancelled, the handler has had its time to end; nobody waits for it any longer.</summary>
    public CancellationToken Abandoned { get; } = abandoned;

    /// <summary>Why the attempt is to end; the first reason stays.</summary>
    public StopReason StopReason => (StopReason)Volatile.Read(ref _stopReason);

    /// <summary>Notes why the attempt is to end.</summary>
    /// <returns>Whether this was the first reason.</returns>
    public bool Stop(StopReason reason) =>
        Interlocked.CompareExchange(ref _stopReason, (int)reason, (int)StopReason.None) == (int)StopReason.None;
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
}
