namespace TasksBus;

/// <summary>Changes limits while the workers run. What is set here wins over all options, in every process, and is remembered until it is reset. Safe to share between threads.</summary>
public interface ITaskLimits
{
    /// <summary>Sets a limit. Runs that wait for it are looked at again within two seconds.</summary>
    /// <param name="target">What to limit.</param>
    /// <param name="limit">The limit; one that limits nothing lifts what the options say.</param>
    /// <param name="cancellationToken">Ends the call; the limit may then be set or not.</param>
    /// <exception cref="ArgumentException">The limit is out of its range, or its rate is no rate.</exception>
    /// <exception cref="UnknownTaskException">Neither this process nor a worker has registered the task.</exception>
    /// <exception cref="UnknownQueueException">Neither this process nor a worker knows the queue.</exception>
    Task Set(LimitTarget target, LimitOptions limit, CancellationToken cancellationToken = default);

    /// <summary>Forgets what was set, so that the options count again.</summary>
    Task Reset(LimitTarget target, CancellationToken cancellationToken = default);

    /// <summary>Every limit that was set, and those of the options of this process, but for those of single keys, with what they hold.</summary>
    Task<IReadOnlyList<LimitSnapshot>> List(CancellationToken cancellationToken = default);

    /// <summary>What a limit holds.</summary>
    Task<LimitSnapshot> Find(LimitTarget target, CancellationToken cancellationToken = default);
}

/// <summary>A limit at one moment.</summary>
/// <param name="Target">What it limits.</param>
/// <param name="MaxConcurrent">How many may run at a time; null: not limited.</param>
/// <param name="Interval">The time between two starts; null: not limited.</param>
/// <param name="Burst">How many may start at once.</param>
/// <param name="IsSet">Whether it was set while the workers ran.</param>
/// <param name="Running">How many attempts run under it.</param>
/// <param name="Waiting">How many runs wait for it.</param>
public sealed record LimitSnapshot(LimitTarget Target, int? MaxConcurrent, TimeSpan? Interval, int Burst, bool IsSet, long Running, long Waiting);
