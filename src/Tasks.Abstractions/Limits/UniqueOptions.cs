using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>Keeps a run from being submitted while another one is there for the same. Counts for submissions through <see cref="ITaskClient"/>.</summary>
public sealed class UniqueOptions
{
    /// <summary>For how long another run with the same key is one too many. Default: <see cref="UniqueScope.None"/>, never.</summary>
    [EnumDataType(typeof(UniqueScope))]
    public UniqueScope Scope { get; set; }

    /// <summary>The time for <see cref="UniqueScope.ForPeriod"/>, from the submission of the first run. 1 second to 30 days. Default: 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Period { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What happens to the second run. Default: <see cref="DuplicateAction.ReturnExisting"/>.</summary>
    [EnumDataType(typeof(DuplicateAction))]
    public DuplicateAction OnDuplicate { get; set; }
}

/// <summary>For how long a run is the only one with its key; 30 days at the most.</summary>
public enum UniqueScope
{
    /// <summary>Never: there may be others.</summary>
    None = 0,

    /// <summary>While it waits: before its first attempt, and between two attempts.</summary>
    WhileWaiting = 1,

    /// <summary>Until it has ended.</summary>
    UntilFinal = 2,

    /// <summary>For <see cref="UniqueOptions.Period"/> after its submission, whatever becomes of it.</summary>
    ForPeriod = 3,
}

/// <summary>What happens to a run that is submitted although there is one with its key.</summary>
public enum DuplicateAction
{
    /// <summary>It is not submitted: the caller gets a handle to the first.</summary>
    ReturnExisting = 0,

    /// <summary>It is recorded as <see cref="TaskState.Revoked"/>, with the first as the reason.</summary>
    Drop = 1,

    /// <summary>It takes the place of the first, which is revoked. A first one that runs has its token cancelled, and may run on for a moment beside the second.</summary>
    Replace = 2,
}
