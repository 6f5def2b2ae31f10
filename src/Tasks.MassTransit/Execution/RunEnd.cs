namespace TasksBus.Execution;

/// <summary>What became of a message.</summary>
internal enum RunEnd
{
    /// <summary>Another worker is to have it.</summary>
    Returned,

    /// <summary>It is done with.</summary>
    Over,

    /// <summary>It is done with, and its run has succeeded.</summary>
    Succeeded,
}
