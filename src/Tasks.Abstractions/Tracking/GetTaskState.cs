namespace TasksBus;

/// <summary>Asks for the state of a run over the bus. The answer is a <see cref="TaskSnapshot"/>; for an unknown id its state is <see cref="TaskState.NotFound"/>.</summary>
/// <param name="RunId">The run.</param>
public sealed record GetTaskState(Guid RunId);

/// <summary>Takes a run back, over the bus. A run that waits ends at once; one that runs has its token cancelled; one that is final stays as it is.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Reason">Why, for people; kept with the run.</param>
public sealed record RevokeTask(Guid RunId, string? Reason = null);
