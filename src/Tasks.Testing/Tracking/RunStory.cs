using System.Globalization;
using System.Text;

namespace TasksBus.Testing;

/// <summary>Tells where a run is and how it got there.</summary>
internal static class RunStory
{
    /// <summary>One line for where the run is, one for what it waits for, then one for each state that it came into.</summary>
    public static string Tell(Guid runId, IReadOnlyList<(DateTimeOffset At, TaskSnapshot Run)> history, DateTimeOffset now)
    {
        if (history.Count == 0)
            return $"Nothing is known of run {runId}: it was not submitted, its message is still on the way, or nobody reads the queue that it was sent to.";

        var story = new StringBuilder();
        var run = history[^1].Run;
        story.Append(CultureInfo.InvariantCulture, $"Run {runId} of task '{run.TaskName}' is {run.State}{Detail(run)}.");
        if (WaitsUntil(run) is { } at && at > now)
            story.Append(CultureInfo.InvariantCulture, $" It waits for {at - now} to pass on the clock: move it with {nameof(ITaskQueueTestHarness.Advance)}.");
        story.AppendLine().Append(CultureInfo.InvariantCulture, $"Its history, at {now:O} of the test's clock:");
        foreach (var (since, state) in history)
            story.AppendLine().Append(CultureInfo.InvariantCulture, $"  {since:O} {state.State}{Detail(state)}");
        return story.ToString();
    }

    private static DateTimeOffset? WaitsUntil(TaskSnapshot run) => run.State switch
    {
        TaskState.Scheduled => run.NotBefore,
        TaskState.Retrying => run.NextAttemptAt,
        _ => null,
    };

    private static string Detail(TaskSnapshot run) => run.State switch
    {
        TaskState.Scheduled => $", not before {run.NotBefore:O}",
        TaskState.Running => $", attempt {run.Attempt} of {run.MaxAttempts}",
        TaskState.Retrying => $", next at {run.NextAttemptAt:O}, after attempt {run.Attempt} of {run.MaxAttempts}: {run.Error?.Type}: {run.Error?.Message}",
        TaskState.Failed => $" ({run.FailureKind}), after attempt {run.Attempt} of {run.MaxAttempts}: {run.Error?.Type}: {run.Error?.Message}",
        TaskState.Revoked when run.RevokeReason is not null => $": {run.RevokeReason}",
        _ => "",
    };
}
