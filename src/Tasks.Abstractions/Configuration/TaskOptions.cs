using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>
/// How the runs of one task are treated. Set, each winning over the one before: by <see cref="TaskDefaultsAttribute"/>, in code, in the
/// configuration section <c>Tasks:{task name}</c>. Read once, at start.
/// </summary>
public sealed class TaskOptions
{
    /// <summary>The name under which the task is known. Default: <see cref="TaskName.Of(Type)"/> its arguments.</summary>
    [Required, StringLength(255, MinimumLength = 1)]
    public string Name { get; set; } = "";

    /// <summary>The queue of the task. Default: <see cref="TaskQueueOptions.DefaultQueue"/>.</summary>
    public string? Queue { get; set; }

    /// <summary>0 (lowest) to 9: which run a worker takes first among those that wait in one queue. Default: 0.</summary>
    [Range(0, 9)]
    public int Priority { get; set; }

    /// <summary>A run that has not started this long after it was submitted ends <see cref="TaskState.Expired"/>. More than 0. Default: null, never.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "3650.00:00:00")]
    public TimeSpan? ExpiresIn { get; set; }

    /// <summary>
    /// An attempt that has not ended after this has its token cancelled; <see cref="TaskQueueOptions.CancellationGrace"/> later, or at
    /// <see cref="HardTimeLimit"/>, it is left behind. It then counts as failed with a <see cref="TaskTimeLimitException"/>, unless the handler returned after all.
    /// 1 millisecond to 30 days. Default: <see cref="TaskQueueOptions.TimeLimit"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "30.00:00:00")]
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>
    /// An attempt that has not ended after this is left behind at once, whatever its handler does, and counts as failed with a <see cref="TaskTimeLimitException"/>.
    /// Not shorter than <see cref="TimeLimit"/>. 1 millisecond to 30 days. Default: <see cref="TaskQueueOptions.HardTimeLimit"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "30.00:00:00")]
    public TimeSpan? HardTimeLimit { get; set; }

    /// <summary>How many attempts of this task run and start on all workers together. A run that must wait holds no slot. Default: <see cref="TaskQueueOptions.TaskLimit"/>.</summary>
    public LimitOptions Limit { get; } = new();

    /// <summary>
    /// The same for each key: a tenant, an account. Runs that wait for a common limit get their turn by key, one after the other, however many each key has.
    /// Default: <see cref="TaskQueueOptions.KeyLimit"/>.
    /// </summary>
    public LimitOptions KeyLimit { get; } = new();

    /// <summary>
    /// Takes the key from the arguments; null as a key: the run has none. Set with <see cref="LimitBy{TArgs}"/>; <see cref="RunOptions.LimitKey"/> wins. What it
    /// throws at a submission fails that with an <see cref="ArgumentException"/>, at a worker the run with <see cref="FailureKind.BadPayload"/>. Default: null, no run has a key.
    /// </summary>
    public Func<object, string?>? LimitKey { get; set; }

    /// <summary>Whether there may be several runs for the same. Default: yes.</summary>
    public UniqueOptions Unique { get; } = new();

    /// <summary>
    /// Takes from the arguments what makes a run unique; null as a key: the run is not. Set with <see cref="UniqueBy{TArgs}"/>; <see cref="RunOptions.UniqueKey"/> wins.
    /// Default: null, the arguments themselves, as JSON.
    /// </summary>
    public Func<object, string?>? UniqueKey { get; set; }

    /// <summary>What <see cref="LimitBy{TArgs}"/> takes its key from.</summary>
    internal Type? LimitKeyArguments { get; private set; }

    /// <summary>What <see cref="UniqueBy{TArgs}"/> takes its key from.</summary>
    internal Type? UniqueKeyArguments { get; private set; }

    /// <summary>How its handler is run. Default: <see cref="TaskQueueOptions.Execution"/>.</summary>
    [EnumDataType(typeof(HandlerExecution))]
    public HandlerExecution? Execution { get; set; }

    /// <summary>How runs are gathered, if the handler is an <see cref="ITaskBatchHandler{TArgs}"/>.</summary>
    public TaskBatchOptions Batch { get; } = new();

    /// <summary>Filters around the handler of this task, within those of all tasks; add to it by <see cref="AddFilter{TFilter}"/>, in code. Default: none.</summary>
    public IList<Type> Filters { get; } = [];

    /// <summary>What happens after a failed attempt.</summary>
    public RetryOptions Retry { get; } = new();

    /// <summary>
    /// A run that so many workers have died or hung with ends <see cref="TaskState.Failed"/>, <see cref="FailureKind.WorkerLost"/>, so that it cannot take
    /// down one after the other. 1 to 100; 1: it is never taken over. Default: 3.
    /// </summary>
    [Range(1, 100)]
    public int MaxLostWorkers { get; set; } = 3;

    /// <summary>How long the record of a run, its result included, is kept after the run has ended. 1 second to 10 years. Default: 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan ResultLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The same for a run that has ended <see cref="TaskState.Failed"/>: so long it can be looked at and started over. 1 second to 10 years. Default: 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan FailureLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Whether the arguments stay with the run once it has ended. When off, the store holds them only until then, as it must: to send the run again
    /// after a delay, a failed attempt, or the death of its worker. Default: on.
    /// </summary>
    public bool KeepArguments { get; set; } = true;

    /// <summary>Whether the result is stored. When off, callers can wait for the end of the run but not read its result. Default: on.</summary>
    public bool KeepResult { get; set; } = true;

    /// <summary>Takes the key of <see cref="KeyLimit"/> from the arguments: <c>task.LimitBy&lt;Resize&gt;(resize =&gt; resize.Tenant)</c>.</summary>
    /// <param name="key">Must be the same for the same arguments, in every process; null: the run has no key.</param>
    public TaskOptions LimitBy<TArgs>(Func<TArgs, string?> key)
        where TArgs : class
    {
        ArgumentNullException.ThrowIfNull(key);
        LimitKey = arguments => key((TArgs)arguments);
        LimitKeyArguments = typeof(TArgs);
        return this;
    }

    /// <summary>Takes the key of <see cref="Unique"/> from the arguments: <c>task.UniqueBy&lt;Report&gt;(report =&gt; report.Tenant)</c>.</summary>
    /// <param name="key">Must be the same for the same arguments, in every process; null: the run is not unique.</param>
    public TaskOptions UniqueBy<TArgs>(Func<TArgs, string?> key)
        where TArgs : class
    {
        ArgumentNullException.ThrowIfNull(key);
        UniqueKey = arguments => key((TArgs)arguments);
        UniqueKeyArguments = typeof(TArgs);
        return this;
    }

    /// <summary>Puts a filter around the handler of this task, within those added before. One that holds what must be disposed of is to be registered as a service.</summary>
    /// <typeparam name="TFilter">An <see cref="ITaskFilter"/>, or an <see cref="ITaskFilter{TArgs}"/> that fits the arguments.</typeparam>
    public TaskOptions AddFilter<TFilter>()
        where TFilter : class
    {
        Filters.Add(typeof(TFilter));
        return this;
    }
}
