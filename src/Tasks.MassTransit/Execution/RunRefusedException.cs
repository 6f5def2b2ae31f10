namespace TasksBus.Execution;

/// <summary>A message cannot be run, which is recorded; it only remains to keep it aside.</summary>
internal sealed class RunRefusedException(string reason) : Exception(reason);

/// <summary>This worker stops and has given the run back; its message must go back to the broker too.</summary>
internal sealed class RunReleasedException() : Exception("The worker stops; the broker gives the run to another one.");
