using System.Text.Json;
using System.Text.Json.Serialization;

using TasksBus.Observation;

namespace TasksBus.Tracking;

/// <summary>How a run is kept: found by its state, task and queue, newest first; final ones for their lifetime.</summary>
/// <param name="observers">Who hears of changes; null: nobody.</param>
/// <param name="leaveLine">What to do for a run that has ended while it waited for a limit.</param>
/// <param name="carryOn">What to do when a step of a workflow has ended.</param>
internal sealed class TaskSagaMapping(ObserverFeed? observers = null, Action<Guid>? leaveLine = null, Func<TaskSaga, ValueTask<bool>>? carryOn = null) : SagaMapping<TaskSaga>
{
    private static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    public override JsonSerializerOptions Json => Compact;

    public override SagaWrite Describe(TaskSaga saga, SagaWrite write) => write with
    {
        Fields = saga.FieldWrites,
        FencingToken = saga.FencingToken,
        // Only a claim takes a lease: what else is written of a running run must make the lease of its worker neither longer nor shorter.
        Lease = saga.Lease,
        KeepsLease = saga.Lease is not null && saga.LeaseLeft is not null,
        Indexes = IndexesOf(saga),
        Score = saga.SubmittedAt.ToUnixTimeMilliseconds(),
        DueAt = saga.DueAt,
        Lifetime = saga.FinishedAt is null ? null : LifetimeOf(saga),
        Alert = saga.Alert,
    };

    /// <remarks>Records from before there was a lifetime of failures have none.</remarks>
    private static TimeSpan LifetimeOf(TaskSaga saga) => saga.Is(TaskState.Failed) && saga.FailureLifetime > TimeSpan.Zero ? saga.FailureLifetime : saga.ResultLifetime;

    private static string[] IndexesOf(TaskSaga saga)
    {
        string[] always = [TaskFields.IndexOfAll, TaskFields.IndexOfState(saga.CurrentState), TaskFields.IndexOfTask(saga.TaskName), TaskFields.IndexOfQueue(saga.Queue)];
        return saga.WaitsFor is not null && saga.Is(TaskState.Pending) ? [.. always, TaskFields.IndexOfLimited] : always;
    }

    public override void Restore(TaskSaga saga, StoredSaga stored)
    {
        saga.LeaseLeft = stored.LeaseLeft;
        foreach (var (field, value) in stored.Fields)
            saga.Show(field, Payload.Known(value));
        Remember(saga);
    }

    public override async ValueTask Written(TaskSaga saga)
    {
        var before = saga.StoredState;
        saga.FieldWrites.Clear();
        saga.Alert = null;
        observers?.Changed(saga, before, saga.StoredFencingToken);
        if (saga.LeavesLine)
            leaveLine?.Invoke(saga.CorrelationId);
        saga.LeavesLine = false;
        Remember(saga);
        if (saga.Step is not null && carryOn is not null && saga.StoredState!.Value.IsFinal() && before?.IsFinal() != true)
            saga.IsLeftBehind = !await carryOn(saga).ConfigureAwait(false);
    }

    private static void Remember(TaskSaga saga) => (saga.StoredState, saga.StoredFencingToken) = (Enum.Parse<TaskState>(saga.CurrentState), saga.FencingToken);
}
