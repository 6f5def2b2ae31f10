using System.Text.Json.Serialization;

using MassTransit;

namespace TasksBus.Tracking;

/// <summary>The memory of a run: what <see cref="TaskStateMachine"/> changes and a saga repository keeps.</summary>
/// <remarks>What changes seldom or is large (arguments, result, data) and what changes often (progress, lease) is kept in fields beside the document.</remarks>
public sealed class TaskSaga : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The run.</summary>
    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    /// <summary>Counts the writes of the document.</summary>
    [JsonIgnore]
    public int Version { get; set; }

    /// <summary>The state that is stored, as far as this process has loaded or saved it; null: it has not.</summary>
    [JsonIgnore]
    internal TaskState? StoredState { get; set; }

    /// <summary>The fencing token that is stored beside <see cref="StoredState"/>.</summary>
    [JsonIgnore]
    internal long StoredFencingToken { get; set; }

    /// <summary>A name of <see cref="TaskState"/>.</summary>
    public string CurrentState { get; set; } = "";

    /// <summary>The task.</summary>
    public string TaskName { get; set; } = "";

    /// <summary>The queue.</summary>
    public string Queue { get; set; } = "";

    /// <summary>0 to 9.</summary>
    public int Priority { get; set; }

    /// <summary>Given with the run.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; set; }

    /// <summary>When the run was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; set; }

    /// <summary>No attempt starts before it.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>No first attempt starts after it.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The time limit of each attempt, if the caller gave one.</summary>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>The hard time limit of each attempt, if the caller gave one.</summary>
    public TimeSpan? HardTimeLimit { get; set; }

    /// <summary>The key under which the run is limited.</summary>
    public string? LimitKey { get; set; }

    /// <summary>The limit of its key, if the caller gave one.</summary>
    public LimitOptions? KeyLimit { get; set; }

    /// <summary>Which step of a workflow the run is.</summary>
    public WorkflowPlace? Step { get; set; }

    /// <summary>Whether the run works through a list of arguments.</summary>
    public bool IsMany { get; set; }

    /// <summary>The workflow to which the handler has handed over.</summary>
    public Guid? ContinuedAs { get; set; }

    /// <summary>The name of the limit in whose line the run waits.</summary>
    public string? WaitsFor { get; set; }

    /// <summary>Since when workers without a handler for its task get the run.</summary>
    public DateTimeOffset? UnknownSince { get; set; }

    /// <summary>When the latest attempt started.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When the run became final.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>When the dispatcher must look at the run: to send it, to expire it, or to see whether its worker still lives.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>When the next attempt is due.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>The number of the latest attempt; 0 before the first.</summary>
    public int Attempt { get; set; }

    /// <summary>Attempts in all.</summary>
    public int MaxAttempts { get; set; }

    /// <summary>How many workers were lost while they ran it.</summary>
    public int LostWorkers { get; set; }

    /// <summary>So many of them end it.</summary>
    public int MaxLostWorkers { get; set; }

    /// <summary>Grows with each claim, and when a worker is given up; only the bearer of the latest may write.</summary>
    public long FencingToken { get; set; }

    /// <summary>The worker of the latest attempt.</summary>
    public string? Worker { get; set; }

    /// <summary>Tells its claim from others; null unless running.</summary>
    public long? ClaimId { get; set; }

    /// <summary>How long a claim lasts unless it is renewed; null unless running.</summary>
    public TimeSpan? Lease { get; set; }

    /// <summary>The latest attempts, oldest first.</summary>
    public IList<TaskAttempt> Attempts { get; set; } = [];

    /// <summary>The error of the latest failed attempt.</summary>
    public TaskError? Error { get; set; }

    /// <summary>Why the run failed.</summary>
    public FailureKind? FailureKind { get; set; }

    /// <summary>Somebody wants a running run back.</summary>
    public bool RevokeRequested { get; set; }

    /// <summary>Why.</summary>
    public string? RevokeReason { get; set; }

    /// <summary>How long the record is kept once final.</summary>
    public TimeSpan ResultLifetime { get; set; }

    /// <summary>The same if it has failed.</summary>
    public TimeSpan FailureLifetime { get; set; }

    /// <summary>Whether the arguments stay with the run.</summary>
    public bool KeepArguments { get; set; }

    /// <summary>The arguments, if they are stored.</summary>
    [JsonIgnore]
    public Payload? Arguments { get; private set; }

    /// <summary>The result, once succeeded, if it is stored.</summary>
    [JsonIgnore]
    public Payload? Result { get; private set; }

    /// <summary>What the handler saved last.</summary>
    [JsonIgnore]
    public Payload? Data { get; private set; }

    /// <summary>The latest progress.</summary>
    [JsonIgnore]
    public TaskProgress? Progress { get; private set; }

    /// <summary>How much longer the lease lasted when the run was loaded; null if none was ever taken, or one is being taken now.</summary>
    [JsonIgnore]
    public TimeSpan? LeaseLeft { get; internal set; }

    /// <summary>The worker that is to hear of the next save.</summary>
    [JsonIgnore]
    internal string? Alert { get; set; }

    /// <summary>Whether the run has ended while it waited for a limit, which is to hear of it.</summary>
    [JsonIgnore]
    internal bool LeavesLine { get; set; }

    /// <summary>The step to which the message that brought the run goes on by itself.</summary>
    [JsonIgnore]
    internal int? CarriesOnTo { get; set; }

    /// <summary>Whether the run is recorded as final, and what follows it as a step is left to somebody else.</summary>
    [JsonIgnore]
    internal bool IsLeftBehind { get; set; }

    /// <summary>What is to be written beside the document with the next save.</summary>
    [JsonIgnore]
    internal List<KeyValuePair<string, ReadOnlyMemory<byte>?>> FieldWrites { get; } = new(capacity: 1);

    /// <summary>Whether the run is in this state.</summary>
    public bool Is(TaskState state) => string.Equals(CurrentState, TaskFields.NameOf(state), StringComparison.Ordinal);

    internal void Store(string field, Payload? value)
    {
        Show(field, value);
        FieldWrites.Add(new(field, value?.Json));
    }

    internal void Show(string field, Payload? value)
    {
        switch (field)
        {
            case TaskFields.Arguments: Arguments = value; break;
            case TaskFields.Result: Result = value; break;
            case TaskFields.Data: Data = value; break;
            case TaskFields.Progress: Progress = value?.As<TaskProgress>(); break;
        }
    }
}
