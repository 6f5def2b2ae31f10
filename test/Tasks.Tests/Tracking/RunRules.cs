using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>What holds of every run at every moment, whatever has happened to it.</summary>
internal static class RunRules
{
    public static void Check(TaskSaga run)
    {
        var snapshot = run.ToSnapshot();
        var isRunning = snapshot.State == TaskState.Running;

        Assert.Equal(snapshot.IsFinal, snapshot.FinishedAt is not null);
        Assert.Equal(snapshot.State == TaskState.Failed, snapshot.FailureKind is not null);
        Assert.Equal(snapshot.State == TaskState.Retrying, snapshot.NextAttemptAt is not null);
        Assert.Equal(isRunning, run.Lease is not null);
        Assert.Equal(isRunning, snapshot.Attempts.Any(attempt => attempt.EndedAt is null));
        Assert.True(snapshot.Result is null || snapshot.State == TaskState.Succeeded, "Only a run that succeeded has a result.");
        Assert.True(snapshot.Error is null || snapshot.State != TaskState.Succeeded, "A run that succeeded has no error.");
        Assert.True(run.DueAt is null || !snapshot.IsFinal, "Nobody has to look at a final run.");
        Assert.True(run.Attempt <= run.FencingToken, "Every attempt was claimed.");
        Assert.True(run.Arguments is not null || snapshot.State is not (TaskState.Scheduled or TaskState.Retrying), "What waits in the store has its arguments there.");
    }
}
