namespace TasksBus.Pipeline;

/// <summary>How long to wait before the next attempt.</summary>
internal static class RetryDelay
{
    /// <summary>
    /// The wait after a failed attempt. With jitter, "full jitter" as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015):
    /// evenly from 0 to the wait without it.
    /// </summary>
    /// <param name="attempt">The number of the failed attempt, from 1.</param>
    /// <param name="retry">The rules.</param>
    /// <param name="random">0 to below 1.</param>
    public static TimeSpan After(int attempt, RetryOptions retry, double random)
    {
        var factor = retry.Backoff == RetryBackoff.Exponential ? Math.Pow(2, attempt - 1) : 1;
        var delay = Math.Min(retry.Delay.TotalMilliseconds * factor, retry.MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(retry.Jitter ? delay * random : delay);
    }
}

/// <summary>Which exceptions are worth another attempt.</summary>
internal static class RetryRule
{
    /// <summary>Whether the rules allow another attempt after this exception. Types are compared by full name, their base types included.</summary>
    public static bool Allows(RetryOptions retry, Exception exception) =>
        !IsNamed(exception, retry.NeverOn) && (retry.OnlyOn.Count == 0 || IsNamed(exception, retry.OnlyOn));

    private static bool IsNamed(Exception exception, IList<string> names)
    {
        for (var type = exception.GetType(); type is not null && names.Count > 0; type = type.BaseType)
        {
            if (type.FullName is { } name && names.Contains(name))
                return true;
        }

        return false;
    }
}
