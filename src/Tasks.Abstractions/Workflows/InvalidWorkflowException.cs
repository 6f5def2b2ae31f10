namespace TasksBus;

/// <summary>A workflow cannot be as it is composed. The message names the step, what is wrong with it, and the way out.</summary>
public sealed class InvalidWorkflowException(string message, Exception? innerException = null) : ArgumentException(message, innerException);
