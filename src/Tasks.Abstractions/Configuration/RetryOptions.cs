using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>What happens after a failed attempt.</summary>
public sealed class RetryOptions
{
    /// <summary>Attempts in total, the first included. 1 to 100. Default: 4.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 4;

    /// <summary>The wait after the first failed attempt, and the unit that <see cref="Backoff"/> grows from. 0 to 24 hours. Default: 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How the wait grows from attempt to attempt. Default: <see cref="RetryBackoff.Exponential"/>.</summary>
    [EnumDataType(typeof(RetryBackoff))]
    public RetryBackoff Backoff { get; set; } = RetryBackoff.Exponential;

    /// <summary>The longest wait, before jitter. <see cref="Delay"/> to 30 days. Default: 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Full jitter: the wait is drawn evenly from 0 to what <see cref="Backoff"/> gives, so that runs which failed together do not come back
    /// together. Default: on.
    /// </summary>
    public bool Jitter { get; set; } = true;

    /// <summary>
    /// Full names of exception types; only these, and types derived from them, are tried again. Empty: all are, but for
    /// <see cref="NeverOn"/>. Default: empty.
    /// </summary>
    public IList<string> OnlyOn { get; } = [];

    /// <summary>Full names of exception types; these, and types derived from them, are never tried again. Wins over <see cref="OnlyOn"/>. Default: empty.</summary>
    public IList<string> NeverOn { get; } = [];

    /// <summary>Tries again only on <typeparamref name="TException"/>, types derived from it, and others named so.</summary>
    public RetryOptions Only<TException>()
        where TException : Exception
    {
        OnlyOn.Add(typeof(TException).FullName!);
        return this;
    }

    /// <summary>Never tries again on <typeparamref name="TException"/> and types derived from it.</summary>
    public RetryOptions Never<TException>()
        where TException : Exception
    {
        NeverOn.Add(typeof(TException).FullName!);
        return this;
    }
}

/// <summary>How the wait before another attempt grows.</summary>
public enum RetryBackoff
{
    /// <summary>Always <see cref="RetryOptions.Delay"/>.</summary>
    Fixed = 0,

    /// <summary><see cref="RetryOptions.Delay"/> × 2^(failed attempts − 1), at most <see cref="RetryOptions.MaxDelay"/>.</summary>
    Exponential = 1,
}
