namespace TasksBus.Tracking;

/// <summary>Nothing is known of a run yet; its message may be under way.</summary>
internal sealed class RunNotRecordedException(Guid runId) : Exception($"Run {runId} is not recorded.")
{
    /// <summary>So long after it was sent, a message about a run that nobody knows is worth another try.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>However far apart the clocks are.</summary>
    public const int MostTries = 10;
}
