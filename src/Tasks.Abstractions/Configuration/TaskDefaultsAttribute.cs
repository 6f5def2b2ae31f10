namespace TasksBus;

/// <summary>
/// Options of a task, written on its arguments (then every process that knows the type has them) or on its handler.
/// Options set in code win over these, and those in the configuration win over both.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TaskDefaultsAttribute : Attribute
{
    /// <summary>The name of the task; only on the arguments. Default: the full name of the type.</summary>
    public string? Name { get; set; }

    /// <inheritdoc cref="TaskOptions.Queue"/>
    public string? Queue { get; set; }

    /// <inheritdoc cref="TaskOptions.Priority"/>
    public int Priority { get => PriorityOrUnset ?? 0; set => PriorityOrUnset = value; }

    /// <inheritdoc cref="RetryOptions.MaxAttempts"/>
    public int MaxAttempts { get => MaxAttemptsOrUnset ?? 0; set => MaxAttemptsOrUnset = value; }

    /// <summary>As <see cref="RetryOptions.Delay"/>, in seconds.</summary>
    public double RetryDelaySeconds { get => RetryDelaySecondsOrUnset ?? 0; set => RetryDelaySecondsOrUnset = value; }

    /// <summary>As <see cref="TaskOptions.ResultLifetime"/>, in seconds.</summary>
    public double ResultLifetimeSeconds { get => ResultLifetimeSecondsOrUnset ?? 0; set => ResultLifetimeSecondsOrUnset = value; }

    /// <summary>As <see cref="TaskOptions.FailureLifetime"/>, in seconds.</summary>
    public double FailureLifetimeSeconds { get => FailureLifetimeSecondsOrUnset ?? 0; set => FailureLifetimeSecondsOrUnset = value; }

    /// <summary>As <see cref="TaskOptions.TimeLimit"/>, in seconds.</summary>
    public double TimeLimitSeconds { get => TimeLimitSecondsOrUnset ?? 0; set => TimeLimitSecondsOrUnset = value; }

    /// <summary>As <see cref="TaskOptions.HardTimeLimit"/>, in seconds.</summary>
    public double HardTimeLimitSeconds { get => HardTimeLimitSecondsOrUnset ?? 0; set => HardTimeLimitSecondsOrUnset = value; }

    /// <inheritdoc cref="TaskOptions.Execution"/>
    public HandlerExecution Execution { get => ExecutionOrUnset ?? HandlerExecution.Async; set => ExecutionOrUnset = value; }

    /// <inheritdoc cref="TaskOptions.KeepArguments"/>
    public bool KeepArguments { get => KeepArgumentsOrUnset ?? true; set => KeepArgumentsOrUnset = value; }

    /// <inheritdoc cref="TaskOptions.KeepResult"/>
    public bool KeepResult { get => KeepResultOrUnset ?? true; set => KeepResultOrUnset = value; }

    // An attribute's property cannot be nullable, yet what is not written must not win over anything.
    private int? PriorityOrUnset { get; set; }

    private int? MaxAttemptsOrUnset { get; set; }

    private double? RetryDelaySecondsOrUnset { get; set; }

    private double? ResultLifetimeSecondsOrUnset { get; set; }

    private double? FailureLifetimeSecondsOrUnset { get; set; }

    private double? TimeLimitSecondsOrUnset { get; set; }

    private double? HardTimeLimitSecondsOrUnset { get; set; }

    private HandlerExecution? ExecutionOrUnset { get; set; }

    private bool? KeepArgumentsOrUnset { get; set; }

    private bool? KeepResultOrUnset { get; set; }

    /// <summary>Writes what is set here into the options of the task.</summary>
    public void ApplyTo(TaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Queue = Queue ?? options.Queue;
        options.Priority = PriorityOrUnset ?? options.Priority;
        options.Retry.MaxAttempts = MaxAttemptsOrUnset ?? options.Retry.MaxAttempts;
        options.Retry.Delay = Seconds(RetryDelaySecondsOrUnset) ?? options.Retry.Delay;
        options.ResultLifetime = Seconds(ResultLifetimeSecondsOrUnset) ?? options.ResultLifetime;
        options.FailureLifetime = Seconds(FailureLifetimeSecondsOrUnset) ?? options.FailureLifetime;
        options.TimeLimit = Seconds(TimeLimitSecondsOrUnset) ?? options.TimeLimit;
        options.HardTimeLimit = Seconds(HardTimeLimitSecondsOrUnset) ?? options.HardTimeLimit;
        options.Execution = ExecutionOrUnset ?? options.Execution;
        options.KeepArguments = KeepArgumentsOrUnset ?? options.KeepArguments;
        options.KeepResult = KeepResultOrUnset ?? options.KeepResult;
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
