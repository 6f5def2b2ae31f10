using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Tracking;

namespace TasksBus.Workers;

/// <summary>What others know of a worker. Its lease is its sign of life.</summary>
internal sealed class WorkerSaga : ISagaVersion
{
    /// <summary>The kind of saga that a worker is.</summary>
    public const string Kind = "worker";

    /// <summary>The index of those that are not known to be gone.</summary>
    public const string Index = "all";

    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    [JsonIgnore]
    public int Version { get; set; }

    public string Name { get; set; } = "";

    public string Machine { get; set; } = "";

    public int ProcessId { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public IReadOnlyList<string> Queues { get; set; } = [];

    public int Concurrency { get; set; }

    /// <summary>How long it may stay silent before its runs are taken from it.</summary>
    public TimeSpan Lease { get; set; }

    /// <summary>Grows when it shows up again and when it is given up, so that one who was given up hears of it.</summary>
    public long Token { get; set; }

    /// <summary>Others have given it up.</summary>
    public bool IsGone { get; set; }

    /// <summary>How much of the lease was left when the record was loaded.</summary>
    [JsonIgnore]
    public TimeSpan? LeaseLeft { get; set; }

    /// <summary>For how long nobody has heard of it.</summary>
    public TimeSpan Silence => Lease - (LeaseLeft ?? TimeSpan.Zero);
}

/// <summary>How a worker is kept: listed while it may live, remembered for a while when it does not.</summary>
internal sealed class WorkerMapping : SagaMapping<WorkerSaga>
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    public override SagaWrite Describe(WorkerSaga saga, SagaWrite write) => write with
    {
        FencingToken = saga.Token,
        Lease = saga.IsGone ? null : saga.Lease,
        Indexes = saga.IsGone ? [] : [WorkerSaga.Index],
        Score = saga.StartedAt.ToUnixTimeMilliseconds(),
        Lifetime = saga.IsGone ? Remembered : null,
    };

    public override void Restore(WorkerSaga saga, StoredSaga stored) => saga.LeaseLeft = stored.LeaseLeft;
}
