namespace TasksBus.Client;

/// <summary>A run on its way in.</summary>
/// <param name="Task">The options of its task.</param>
/// <param name="Message">The run.</param>
/// <param name="Unique">What nobody else may have meanwhile; null: others may be there for the same.</param>
/// <param name="HasGivenId">Whether the caller has named it.</param>
internal sealed record Submission(TaskOptions Task, RunMessage Message, UniqueKey? Unique, bool HasGivenId);

/// <summary>What has become of a submission.</summary>
/// <param name="RunId">The run that does it.</param>
/// <param name="UnknownUntil">The store was away, and learns of the run from the worker that takes it: how long that may come; null: the run is recorded.</param>
internal readonly record struct Submitted(Guid RunId, DateTimeOffset? UnknownUntil = null);

/// <summary>What makes a run unique.</summary>
/// <param name="Key">Among the runs of its task.</param>
/// <param name="Options">For how long, and what happens to a second one.</param>
internal sealed record UniqueKey(string Key, UniqueOptions Options);
