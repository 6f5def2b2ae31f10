using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>Which run has a unique key.</summary>
internal sealed class UniqueSaga : ISagaVersion
{
    /// <summary>The kind of saga that a unique key is.</summary>
    public const string Kind = "unique";

    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    [JsonIgnore]
    public int Version { get; set; }

    public Guid RunId { get; set; }

    public DateTimeOffset Since { get; set; }

    public static Guid IdOf(string taskName, string key) => NamedId.Of($"{taskName}\n{key}");
}

/// <summary>How a unique key is kept: for as long as a run can be unique.</summary>
internal sealed class UniqueMapping : SagaMapping<UniqueSaga>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public override SagaWrite Describe(UniqueSaga saga, SagaWrite write) => write with { Lifetime = Longest };
}
