namespace TasksBus.Configuration;

/// <summary>The rules of time limits.</summary>
internal static class TimeLimits
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>What is wrong with these limits, and the way out; null if nothing is.</summary>
    public static string? Fault(TimeSpan? soft, TimeSpan? hard)
    {
        if (soft <= TimeSpan.Zero || soft > Longest)
            return $"{nameof(TaskOptions.TimeLimit)} is {soft}. Give more than 0 and at most {Longest.Days} days, or null for none.";
        if (hard <= TimeSpan.Zero || hard > Longest)
            return $"{nameof(TaskOptions.HardTimeLimit)} is {hard}. Give more than 0 and at most {Longest.Days} days, or null for none.";
        return hard < soft
            ? $"{nameof(TaskOptions.HardTimeLimit)} is {hard}, shorter than {nameof(TaskOptions.TimeLimit)}, {soft}: the handler would be left behind before it is asked to end. Give it more, or the other less."
            : null;
    }
}
