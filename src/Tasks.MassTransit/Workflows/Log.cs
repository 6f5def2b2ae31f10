using Microsoft.Extensions.Logging;

namespace TasksBus.Workflows;

/// <summary>What this room logs: 1900 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1900, LogLevel.Warning, "Step '{Step}' of workflow {WorkflowId} has ended, but what follows could not be started; it is tried again, by this worker at once and by whoever looks after the workflow later")]
    public static partial void NotCarriedOn(this ILogger log, Exception exception, string step, Guid workflowId);

    [LoggerMessage(1901, LogLevel.Warning, "{TaskName} {RunId}, step '{Step}' of workflow {WorkflowId}, is sent again: it should wait in queue '{Queue}', and nothing waits there")]
    public static partial void SentAgain(this ILogger log, string taskName, Guid runId, string step, Guid workflowId, string queue);
}
