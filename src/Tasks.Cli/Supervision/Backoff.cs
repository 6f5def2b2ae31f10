namespace TasksBus.Cli.Supervision;

/// <summary>How long to wait before a worker that has ended is replaced.</summary>
internal static class Backoff
{
    /// <summary>A worker that dies sooner than this has not come to work.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    /// <summary>One that ends well, but sooner than this, is no worker: it has printed its usage, perhaps.</summary>
    public static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Whether it ended before it could do its work. One that was recycled ends with exit code 0, and may have been quick.</summary>
    public static bool IsTooSoon(int exitCode, TimeSpan lived) => lived < (exitCode == 0 ? AtOnce : Soon);

    /// <summary>The wait: none after a worker that has worked, else 1 second, doubled each time, up to 1 minute.</summary>
    /// <param name="earlyEnds">How many in a row have ended too soon, the last one included.</param>
    public static TimeSpan After(int earlyEnds) =>
        earlyEnds == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(First.TotalSeconds * Math.Pow(2, earlyEnds - 1), Longest.TotalSeconds));
}
