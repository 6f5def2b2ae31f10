namespace TasksBus.Rules;

/// <summary>Instants, one after the other. Does not change; safe to share between threads.</summary>
internal interface IInstants
{
    /// <summary>The first instant after another one; null if there is none.</summary>
    DateTimeOffset? Next(DateTimeOffset after);
}

/// <summary>Times as clocks on a wall show them, one after the other. Does not change; safe to share between threads.</summary>
internal interface IWallTimes
{
    /// <summary>Whether times in an hour that comes twice come twice, too.</summary>
    bool GoThroughBothHours { get; }

    /// <summary>The first time after another one; null if there is none.</summary>
    DateTime? Next(DateTime after);
}
