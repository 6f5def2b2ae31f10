namespace TasksBus.Tracking;

/// <summary>Shows a run as others may see it.</summary>
internal static class TaskSnapshots
{
    public static TaskSnapshot ToSnapshot(this TaskSaga run) => new()
    {
        RunId = run.CorrelationId,
        State = Enum.Parse<TaskState>(run.CurrentState),
        TaskName = run.TaskName,
        Queue = run.Queue,
        Priority = run.Priority,
        LimitKey = run.LimitKey,
        WaitsFor = run.WaitsFor is null ? null : LimitTarget.Named(run.WaitsFor).ToString(),
        Headers = run.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal),
        Progress = run.Progress,
        SubmittedAt = run.SubmittedAt,
        NotBefore = run.NotBefore,
        ExpiresAt = run.ExpiresAt,
        StartedAt = run.StartedAt,
        FinishedAt = run.FinishedAt,
        NextAttemptAt = run.NextAttemptAt,
        Attempt = run.Attempt,
        MaxAttempts = run.MaxAttempts,
        Worker = run.Worker,
        Attempts = [.. run.Attempts],
        Error = run.Error,
        FailureKind = run.FailureKind,
        RevokeReason = run.RevokeReason,
        Step = run.Step,
        ContinuedAs = run.ContinuedAs,
        Arguments = run.KeepArguments ? run.Arguments : null,
        Result = run.Result,
        Data = run.Data,
        Version = run.Version,
    };
}
