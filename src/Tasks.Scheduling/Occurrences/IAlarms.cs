namespace TasksBus.Occurrences;

/// <summary>Calls back at the instants at which schedules are to be looked at: one alarm for each, never two of one schedule at a time. Safe to share between threads.</summary>
internal interface IAlarms
{
    /// <summary>Sets the alarm of a schedule, unless it has one that comes sooner; at once, if its instant is over. One that comes too soon does no harm.</summary>
    ValueTask Set(Guid schedule, DateTimeOffset at, CancellationToken cancellationToken);
}
