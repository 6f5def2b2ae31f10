using System.Text.Json;
using System.Text.Json.Serialization;

namespace TasksBus.Workflows;

/// <summary>A node of a workflow as it is stored: short, however many others it waits for.</summary>
internal sealed record NodeDefinition
{
    private static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public NodeKind Kind { get; init; }

    public string Name { get; init; } = "";

    /// <summary>The nodes that it waits for, in ranges.</summary>
    public string After { get; init; } = "";

    public IReadOnlyList<int>? Within { get; init; }

    /// <summary>Those of <see cref="Within"/> with the end of any of which it is not to begin any more: they fail fast.</summary>
    public IReadOnlyList<int>? StopsWith { get; init; }

    public bool IsForFailure { get; init; }

    /// <summary>Whether the workflow is over when it is open.</summary>
    public bool IsEnd { get; init; }

    /// <summary>Whether nobody waits for it: the workflow ends without it.</summary>
    public bool IsSide { get; init; }

    public NodeCall? Call { get; init; }

    /// <summary>How often it was started over, by a retry of its workflow.</summary>
    public int Restarts { get; init; }

    public NodeCall? Compensation { get; init; }

    public FailurePolicy Policy { get; init; }

    /// <summary>The nodes that stand before all that it joins, if it goes on whatever of that has failed.</summary>
    public IReadOnlyList<int>? Behind { get; init; }

    /// <summary>What stands in its list, or for its result, where a node has not succeeded.</summary>
    public Payload? Absent { get; init; }

    public int? ResultOf { get; init; }

    /// <summary>Whether its result is an empty list, whatever it waits for.</summary>
    public bool IsEmpty { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>What a signal may be given; null: anything.</summary>
    public ValueShape? Accepts { get; init; }

    public TimeSpan? Delay { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>The calls that follow one after the other, as many as travel together with it.</summary>
    public IReadOnlyList<LineStop>? Line { get; init; }

    [JsonIgnore]
    public NodeRanges Waits => NodeRanges.Parse(After);

    /// <summary>What is stored of a node.</summary>
    public static NodeDefinition Of(WorkflowNode node) => new()
    {
        Kind = node.Kind,
        Name = node.Name,
        After = NodeRanges.Of(node.After).ToString(),
        Within = node.Within.Count > 0 ? node.Within : null,
        IsForFailure = node.IsForFailure,
        Call = node.Call,
        Compensation = node.Compensation,
        Policy = node.Policy,
        Behind = node.Behind.Count > 0 ? node.Behind : null,
        Absent = node.Absent,
        ResultOf = node.ResultOf,
        IsEmpty = node.IsEmpty,
        Timeout = node.Timeout,
        Accepts = node.Accepts,
        Delay = node.Delay,
        Until = node.Until,
    };

    public static NodeDefinition Read(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<NodeDefinition>(json.Span, Compact)!;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Compact);
}

/// <summary>A stop of a line of calls.</summary>
/// <param name="Node">The call.</param>
/// <param name="Queue">Where its run belongs.</param>
/// <param name="Name">Its name.</param>
internal sealed record LineStop(int Node, string Queue, string Name);
