namespace TasksBus;

/// <summary>
/// The environment variables by which a supervisor, such as <c>tasks supervise</c>, tells workers what to do. They win over all other configuration;
/// a bad value stops the host with the name of the variable.
/// </summary>
public static class WorkerVariables
{
    /// <summary>Sets <see cref="TaskQueueOptions.RecycleAfterRuns"/>: a whole number, 1 or more.</summary>
    public const string RecycleAfterRuns = "TASKSBUS_RECYCLE_AFTER_RUNS";

    /// <summary>Sets <see cref="TaskQueueOptions.RecycleAboveMemory"/>: bytes, a whole number, 1,048,576 or more.</summary>
    public const string RecycleAboveMemory = "TASKSBUS_RECYCLE_ABOVE_MEMORY";

    /// <summary>Sets <see cref="TaskQueueOptions.RecycleWhenLeftBehind"/>: <see langword="true"/> or <see langword="false"/>.</summary>
    public const string RecycleWhenLeftBehind = "TASKSBUS_RECYCLE_WHEN_LEFT_BEHIND";

    /// <summary>
    /// The process id of the supervisor, on the same machine, 1 or more. The worker stops within seconds when that process has ended, and is recycled
    /// when it gets a SIGHUP.
    /// </summary>
    public const string Supervisor = "TASKSBUS_SUPERVISOR";
}
