namespace TasksBus.Limits;

/// <summary>Makes limits of options.</summary>
internal static class LimitMapping
{
    /// <summary>The limit; null if nothing is limited.</summary>
    /// <exception cref="FormatException"><see cref="LimitOptions.Rate"/> is no rate.</exception>
    public static Limit? ToLimit(this LimitOptions options) =>
        options.MaxConcurrent is null && options.Rate is null
            ? null
            : new Limit(options.MaxConcurrent, options.Rate is null ? null : RateLimit.Parse(options.Rate).Interval, options.Burst);
}
