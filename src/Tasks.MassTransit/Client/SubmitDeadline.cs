namespace TasksBus.Client;

/// <summary>The time that all steps of a submission have together.</summary>
/// <param name="Time">How much it is.</param>
/// <param name="Since">When the submission began, as a timestamp of the system's clock.</param>
internal readonly record struct SubmitDeadline(TimeSpan Time, long Since)
{
    /// <summary>What is left of it; never below zero.</summary>
    public TimeSpan Left => TimeSpan.FromTicks(Math.Max(0, (Time - TimeProvider.System.GetElapsedTime(Since)).Ticks));

    /// <summary>Begins now.</summary>
    public static SubmitDeadline In(TimeSpan time) => new(time, TimeProvider.System.GetTimestamp());
}
