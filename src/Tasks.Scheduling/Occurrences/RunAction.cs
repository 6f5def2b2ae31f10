using System.Globalization;
using System.Text.Json;

namespace TasksBus.Occurrences;

/// <summary>Submits a run.</summary>
internal sealed class RunAction(ITaskClient client) : IScheduleAction
{
    /// <summary>As in <see cref="Schedules.ScheduledAction.Kind"/>.</summary>
    public const string RunKind = "run";

    public string Kind => RunKind;

    public Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken)
    {
        var run = content.As<ScheduledRun>() ?? throw new JsonException($"Schedule '{occurrence.Schedule}' does not say what to run.");
        return client.Run(run.TaskName, run.Arguments, OptionsOf(run, occurrence), cancellationToken);
    }

    public async Task<bool> IsOver(Guid id, CancellationToken cancellationToken) =>
        await client.Find(id).Snapshot(cancellationToken).ConfigureAwait(false) is { IsFinal: true } or { State: TaskState.NotFound };

    public async Task WaitForEnd(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await client.Find(id).Completion(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (TaskNotFoundException)
        {
            // Its record has expired, or was removed: there is nothing left to wait for.
        }
    }

    public Task Revoke(Guid id, string reason, CancellationToken cancellationToken) => client.Find(id).Revoke(reason, cancellationToken);

    private static RunOptions OptionsOf(ScheduledRun run, Occurrence occurrence)
    {
        var headers = new Dictionary<string, string>(run.Options?.Headers ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [ScheduleHeaders.Schedule] = occurrence.Schedule,
            [ScheduleHeaders.Instant] = occurrence.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        };
        return (run.Options ?? new RunOptions()) with { RunId = occurrence.Id, Headers = headers };
    }
}

/// <summary>What a schedule runs.</summary>
internal sealed record ScheduledRun(string TaskName, Payload Arguments, RunOptions? Options);
