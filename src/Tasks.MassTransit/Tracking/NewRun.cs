using TasksBus.Client;

namespace TasksBus.Tracking;

/// <summary>The record of a run as it is submitted. A worker that gets the message first makes the same one from it.</summary>
internal static class NewRun
{
    /// <summary>The version of a run that was submitted and not yet touched.</summary>
    public const int Version = 1;

    public static TaskSaga From(RunMessage message, TaskOptions options, string queue, DateTimeOffset now)
    {
        var waits = message.IsEarly(now);
        var saga = new TaskSaga
        {
            CorrelationId = message.RunId,
            CurrentState = TaskFields.NameOf(waits ? TaskState.Scheduled : TaskState.Pending),
            TaskName = options.Name,
            Queue = queue,
            Priority = message.Priority,
            Headers = message.Headers,
            SubmittedAt = message.SubmittedAt,
            NotBefore = message.NotBefore,
            ExpiresAt = message.ExpiresAt,
            TimeLimit = message.TimeLimit,
            HardTimeLimit = message.HardTimeLimit,
            LimitKey = message.LimitKey,
            KeyLimit = message.KeyLimit,
            FencingToken = message.FirstFencingToken,
            Step = message.Step,
            IsMany = message.IsMany,
            DueAt = waits ? message.NotBefore : message.ExpiresAt,
            MaxAttempts = options.Retry.MaxAttempts,
            ResultLifetime = options.ResultLifetime,
            FailureLifetime = options.FailureLifetime,
            KeepArguments = options.KeepArguments,
        };
        if (message.Arguments is not null)
            saga.Store(TaskFields.Arguments, message.Arguments);
        return saga;
    }
}
