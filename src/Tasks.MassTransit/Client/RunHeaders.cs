using MassTransit;

namespace TasksBus.Client;

/// <summary>What a message says of its run outside of its body, so that a body that nobody can read still has a run that can end.</summary>
internal static class RunHeaders
{
    private const string RunId = "TasksBus-Run";
    private const string TaskName = "TasksBus-Task";

    public static void Write(SendHeaders headers, RunMessage message)
    {
        headers.Set(RunId, message.RunId.ToString("N"));
        headers.Set(TaskName, message.TaskName);
    }

    /// <summary>As much of the message as its headers tell; null if they do not name the run.</summary>
    public static RunMessage? Read(Headers headers) =>
        headers.TryGetHeader(RunId, out var id) && Guid.TryParse(id as string, out var runId)
            ? new RunMessage { RunId = runId, TaskName = headers.Get(TaskName, "")!, SubmittedAt = TimeProvider.System.GetUtcNow() }
            : null;
}
