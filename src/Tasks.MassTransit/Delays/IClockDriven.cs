namespace TasksBus.Delays;

/// <summary>Something with instants of its own that, under a test's clock, is asked for them instead of waiting by itself.</summary>
internal interface IClockDriven
{
    /// <summary>The next of its instants, also one that has come; null if there is none.</summary>
    DateTimeOffset? NextAt { get; }

    /// <summary>Does what is due.</summary>
    Task RunDue(DateTimeOffset now, CancellationToken cancellationToken);
}
