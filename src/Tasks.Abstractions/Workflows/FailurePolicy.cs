namespace TasksBus;

/// <summary>What a group or a graph does when a step in it fails, expires or is revoked. In a chain, the rest is not run.</summary>
public enum FailurePolicy
{
    /// <summary>Lets all others end, then fails: the default. What comes after it is not run.</summary>
    WaitForAll = 0,

    /// <summary>Fails at once, and revokes what has not ended.</summary>
    FailFast = 1,

    /// <summary>Goes on with the results that there are; those of the others are null, or the default of their type.</summary>
    Continue = 2,
}
