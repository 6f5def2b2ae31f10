using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Tracking;

namespace TasksBus.Queues;

/// <summary>What all workers are to know of a queue.</summary>
internal sealed class QueueSaga : ISagaVersion
{
    /// <summary>The kind of saga that a queue is.</summary>
    public const string Kind = "queue";

    /// <summary>The index of those of which something was said.</summary>
    public const string Index = "all";

    /// <summary>Who is to hear of every change.</summary>
    public const string Alert = "workers";

    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    [JsonIgnore]
    public int Version { get; set; }

    public string Name { get; set; } = "";

    public bool IsPaused { get; set; }

    /// <summary>Whether workers that are not named below read it; null: as their options say.</summary>
    public bool? IsRead { get; set; }

    /// <summary>Whether single workers read it.</summary>
    public IDictionary<string, bool> Readers { get; set; } = new Dictionary<string, bool>(StringComparer.Ordinal);

    /// <summary>Whether a worker is to read it.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="isConfigured">Whether its options say so.</param>
    public bool IsReadBy(string worker, bool isConfigured) =>
        !IsPaused && (Readers.TryGetValue(worker, out var isRead) ? isRead : IsRead ?? isConfigured);
}

/// <summary>How a queue is kept: for good, and everybody hears of a change.</summary>
internal sealed class QueueMapping : SagaMapping<QueueSaga>
{
    public override SagaWrite Describe(QueueSaga saga, SagaWrite write) => write with { Indexes = [QueueSaga.Index], Alert = QueueSaga.Alert };
}
