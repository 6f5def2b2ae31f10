namespace TasksBus.Execution;

/// <summary>A message cannot be run, which is recorded; it only remains to keep it aside.</summary>
internal sealed class RunRefusedException(string reason) : Exception(reason);
