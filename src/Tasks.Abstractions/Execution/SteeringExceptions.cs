namespace TasksBus;

/// <summary>Thrown by a handler: end this attempt and try again, whatever the retry rules say of the exception type.</summary>
/// <remarks>Counts as an attempt: after the last one the run fails with this exception.</remarks>
public sealed class RetryTaskException : Exception
{
    /// <summary>Tries again after the delay that the task's <see cref="RetryOptions"/> give.</summary>
    public RetryTaskException()
        : this(delay: null)
    {
    }

    /// <summary>Tries again after <paramref name="delay"/>.</summary>
    /// <param name="delay">0 to 10 years, of any fineness; null for the delay of the task's <see cref="RetryOptions"/>.</param>
    /// <param name="message">Why, for people.</param>
    /// <param name="innerException">What went wrong.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative, or longer than 10 years.</exception>
    public RetryTaskException(TimeSpan? delay, string? message = null, Exception? innerException = null)
        : base(message ?? "The handler asked for another attempt.", innerException)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay ?? TimeSpan.Zero, TimeSpan.Zero, nameof(delay));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay ?? TimeSpan.Zero, TimeSpan.FromDays(3650), nameof(delay));
        Delay = delay;
    }

    /// <summary>Tries again after the delay that the task's <see cref="RetryOptions"/> give.</summary>
    /// <param name="message">Why, for people.</param>
    public RetryTaskException(string message)
        : this(delay: null, message)
    {
    }

    /// <summary>Tries again after the delay that the task's <see cref="RetryOptions"/> give.</summary>
    /// <param name="message">Why, for people.</param>
    /// <param name="innerException">What went wrong.</param>
    public RetryTaskException(string message, Exception innerException)
        : this(delay: null, message, innerException)
    {
    }

    /// <summary>How long to wait before the next attempt; null for the delay of the task's <see cref="RetryOptions"/>.</summary>
    public TimeSpan? Delay { get; }
}

/// <summary>Thrown by a handler: the run can never succeed. It ends <see cref="TaskState.Failed"/>, <see cref="FailureKind.Rejected"/>, without another attempt.</summary>
public sealed class RejectTaskException : Exception
{
    /// <summary>Rejects the run.</summary>
    public RejectTaskException()
        : this("The handler rejected the run.")
    {
    }

    /// <summary>Rejects the run.</summary>
    /// <param name="message">Why, for people.</param>
    public RejectTaskException(string message)
        : base(message)
    {
    }

    /// <summary>Rejects the run.</summary>
    /// <param name="message">Why, for people.</param>
    /// <param name="innerException">What went wrong.</param>
    public RejectTaskException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>This attempt is no longer the one that counts: another worker has taken the run over, or the run has ended.</summary>
public sealed class StaleAttemptException : Exception
{
    /// <summary>The attempt lost its lease.</summary>
    public StaleAttemptException()
        : this("The attempt is no longer the one that counts: another worker has taken the run over, or the run has ended.")
    {
    }

    /// <summary>The attempt lost its lease.</summary>
    /// <param name="message">Which attempt.</param>
    public StaleAttemptException(string message)
        : base(message)
    {
    }

    /// <summary>The attempt lost its lease.</summary>
    /// <param name="message">Which attempt.</param>
    /// <param name="innerException">What went wrong.</param>
    public StaleAttemptException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// An attempt took longer than its <see cref="TaskOptions.TimeLimit"/> or <see cref="TaskOptions.HardTimeLimit"/>. It counts as failed with this, for
/// <see cref="RetryOptions.OnlyOn"/> and <see cref="RetryOptions.NeverOn"/> too; nobody needs to catch it.
/// </summary>
public sealed class TaskTimeLimitException(string message) : TimeoutException(message);
