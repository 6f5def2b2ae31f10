namespace TasksBus.Testing;

/// <summary>A run has not got where a test expects it. The message tells where it is instead, and how it got there.</summary>
public sealed class StateNotReachedException(string message, TaskSnapshot run) : Exception(message)
{
    /// <summary>The run as it was last seen; its state is <see cref="TaskState.NotFound"/> if nothing is known of it.</summary>
    public TaskSnapshot Run { get; } = run;
}
