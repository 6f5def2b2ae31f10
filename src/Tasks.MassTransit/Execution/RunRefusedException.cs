namespace TasksBus.Execution;

/// <summary>A message cannot be run, which is recorded; it only remains to keep it aside.</summary>
internal sealed class RunRefusedException(string reason) : Exception(reason);

/// <summary>The worker stops before the run has ended: its message is to go back to the queue.</summary>
internal sealed class RunReleasedException(Guid runId) : Exception($"The worker stops; the broker gives run {runId} to another one.");
