using System.Text.Json;
using System.Text.Json.Serialization;

using TasksBus.Tracking;

namespace TasksBus.Schedules;

/// <summary>How a schedule is kept: for good, found by its latest change, and every node hears of what is said of it.</summary>
internal sealed class ScheduleMapping : SagaMapping<ScheduleSaga>
{
    /// <summary>The index of all of them.</summary>
    public const string Index = "all";

    /// <summary>Who is to hear of what is said.</summary>
    public const string Alert = "nodes";

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private static readonly JsonSerializerOptions Options = new(Payload.DefaultOptions)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public override JsonSerializerOptions Json => Options;

    public override SagaWrite Describe(ScheduleSaga saga, SagaWrite write) => write with
    {
        Indexes = [Index],
        Score = saga.ChangedAt.ToUnixTimeMilliseconds(),
        Lifetime = saga.IsRemoved && saga.Declaration is null ? Remembered : null,
        Alert = saga.IsAnnounced || saga.MustWake ? Alert : null,
    };
}
