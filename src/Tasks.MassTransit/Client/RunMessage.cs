using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>
/// A run on the wire, read and written without the type of its arguments: the same message as any <see cref="RunTask{TArgs}"/>, whose base
/// type <see cref="IRunTask"/> gives both their name on the bus.
/// </summary>
[MessageUrn("TasksBus:IRunTask")]
internal sealed record RunMessage : IRunTask
{
    private const int AttemptBits = 32;

    public Guid RunId { get; init; }

    public string TaskName { get; init; } = "";

    public Payload? Arguments { get; init; }

    public DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Where the run belongs; null from publishers without our client, which leave it to the task's options.</summary>
    public string? Queue { get; init; }

    public int Priority { get; init; }

    /// <summary>The time limit of each attempt, if the caller gave one.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The hard time limit of each attempt, if the caller gave one.</summary>
    public TimeSpan? HardTimeLimit { get; init; }

    /// <summary>The key under which the run is limited; null: the worker takes it from the arguments.</summary>
    public string? LimitKey { get; init; }

    /// <summary>The limit of its key, if the caller gave one.</summary>
    public LimitOptions? KeyLimit { get; init; }

    /// <summary>Which step of a workflow the run is; null if it is none. The arguments may then be missing: they come from other steps.</summary>
    public WorkflowPlace? Step { get; init; }

    /// <summary>Whether the arguments are a list, and the run works through them.</summary>
    public bool IsMany { get; init; }

    /// <summary>The version of the run's record from which it was sent when it was due; 0: it comes from its submission.</summary>
    public int SentVersion { get; init; }

    /// <summary>How long before its instant a run may be sent: its worker claims it and waits for the rest, so that the way there makes it no later.</summary>
    public static readonly TimeSpan SentAhead = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether the run was submitted that moment before its instant.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsAhead { get; init; }

    /// <summary>Whether the run had waited in the store.</summary>
    [JsonIgnore]
    public bool HasWaited => SentVersion > 0;

    /// <summary>Whether whoever has sent it says that its instant has come, or comes in a moment. The clock here may be another.</summary>
    [JsonIgnore]
    public bool IsDue => HasWaited || IsAhead;

    /// <summary>Whether its record is the one that its submission has made, unless somebody has touched it since.</summary>
    [JsonIgnore]
    public bool IsAsSubmitted => SentVersion <= NewRun.Version;

    /// <summary>Whether a permit is reserved for the run: it goes ahead of others in its queue, because they could not use the slot.</summary>
    public bool IsGranted { get; init; }

    /// <summary>The step to which the message goes on by itself, once the run has succeeded; not a part of the message.</summary>
    [JsonIgnore]
    public int? CarriesOnTo { get; init; }

    /// <summary>How many workers had died or hung with the run when it was sent from the store.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int LostWorkers { get; init; }

    /// <summary>How often the run was started over under its id with nothing of its record left, as a step of a workflow that is retried is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Restarts { get; init; }

    /// <summary>The number from which the fencing tokens of its attempts count: beyond those of the attempts before it was started over, one of which may still go on.</summary>
    [JsonIgnore]
    public long FirstFencingToken => FirstFencingTokenAfter(Restarts);

    /// <summary>The number from which the fencing tokens of a run count that was started over so often.</summary>
    public static long FirstFencingTokenAfter(int restarts) => (long)restarts << AttemptBits;

    /// <summary>Whether the run cannot be claimed yet, and is to wait in the store.</summary>
    public bool IsEarly(DateTimeOffset now) => !IsDue && NotBefore > now;

    /// <summary>Until when the worker that has claimed the run waits: no longer than it may have been sent ahead.</summary>
    public DateTimeOffset? WaitsUntil(DateTimeOffset now)
    {
        if (!IsDue || NotBefore is not { } instant || instant <= now)
            return null;
        return instant < now + SentAhead ? instant : now + SentAhead;
    }

    /// <summary>The message of a run that is sent to its queue from its record.</summary>
    public static RunMessage From(TaskSaga run) => new()
    {
        RunId = run.CorrelationId,
        TaskName = run.TaskName,
        Arguments = run.Arguments,
        SubmittedAt = run.SubmittedAt,
        NotBefore = run.NotBefore,
        ExpiresAt = run.ExpiresAt,
        Headers = run.Headers,
        Queue = run.Queue,
        Priority = run.Priority,
        TimeLimit = run.TimeLimit,
        HardTimeLimit = run.HardTimeLimit,
        LimitKey = run.LimitKey,
        KeyLimit = run.KeyLimit,
        Step = run.Step,
        IsMany = run.IsMany,
        SentVersion = run.Version,
        LostWorkers = run.LostWorkers + (run.Is(TaskState.Running) ? 1 : 0),
        Restarts = (int)(run.FencingToken >> AttemptBits),
    };
}
