using System.Text.Json;
using System.Text.Json.Serialization;

using TasksBus.Tracking;

namespace TasksBus.Workflows;

/// <summary>How a workflow is kept: found by its state, newest first; final ones for their lifetime.</summary>
internal sealed class WorkflowMapping : SagaMapping<WorkflowSaga>
{
    private static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public override JsonSerializerOptions Json => Compact;

    public override SagaWrite Describe(WorkflowSaga saga, SagaWrite write) => write with
    {
        Indexes = ["all", IndexOf(saga.State)],
        Score = saga.SubmittedAt.ToUnixTimeMilliseconds(),
        DueAt = DueAt(saga),
        Lifetime = saga.FinishedAt is not null && saga.LookAt is null ? saga.Lifetime : null,
    };

    /// <summary>The index of the workflows in a state.</summary>
    public static string IndexOf(WorkflowState state) => $"state:{state}";

    /// <summary>When somebody has to look at it.</summary>
    public static DateTimeOffset? DueAt(WorkflowSaga saga)
    {
        var earliest = saga.LookAt;
        if (saga.FinishedAt is not null)
            return earliest;
        foreach (var other in new[] { saga.Deadline, saga.AlarmAt })
        {
            if (other < (earliest ?? DateTimeOffset.MaxValue))
                earliest = other;
        }

        return earliest;
    }
}
