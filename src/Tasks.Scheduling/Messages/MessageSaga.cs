using System.Text.Json;
using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Tracking;

namespace TasksBus.Messages;

/// <summary>All that is remembered of a scheduled message; its id is the token. A change makes a new one, so that nobody sees half of it.</summary>
/// <remarks>One that was sent or cancelled is remembered for a while: messages that say the same once more, or come in the wrong order, must not bring it back.</remarks>
internal sealed record MessageSaga : ISagaVersion
{
    /// <summary>The kind of saga that a scheduled message is.</summary>
    public const string Kind = "message";

    [JsonIgnore]
    public Guid CorrelationId { get; set; }

    [JsonIgnore]
    public int Version { get; set; }

    /// <summary>The message while it waits; null: it was sent or cancelled.</summary>
    public ForwardedMessage? Message { get; init; }

    /// <summary>When it is to be sent.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The message that has scheduled it last.</summary>
    public Guid? ScheduledBy { get; init; }

    /// <summary>When that was said, by the clock of whoever did.</summary>
    public DateTime? ScheduledAt { get; init; }

    /// <summary>When it was cancelled last, by the clock of whoever did.</summary>
    public DateTime? CancelledAt { get; init; }

    /// <summary>Its body, beside the document.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>What becomes of it when it is scheduled.</summary>
    /// <param name="message">The message.</param>
    /// <param name="body">Its body.</param>
    /// <param name="dueAt">When it is to be sent.</param>
    /// <param name="saidAt">When that was said, by the clock of whoever did; null if that is not known.</param>
    public MessageSaga Schedule(ForwardedMessage message, ReadOnlyMemory<byte> body, DateTimeOffset dueAt, DateTime? saidAt)
    {
        var isRepeated = message.MessageId is not null && message.MessageId == ScheduledBy && saidAt == ScheduledAt;
        var isOutOfDate = Message is null && saidAt < CancelledAt;
        return isRepeated || isOutOfDate ? this : this with { Message = message, Body = body, DueAt = dueAt, ScheduledBy = message.MessageId, ScheduledAt = saidAt, CancelledAt = null };
    }

    /// <summary>What becomes of it when it is cancelled.</summary>
    /// <param name="saidAt">When that was said.</param>
    public MessageSaga Cancel(DateTime saidAt) => Version > 0 && Message is null ? this : this with { Message = null, Body = null, DueAt = null, CancelledAt = saidAt };

    /// <summary>What becomes of it when it was sent.</summary>
    public MessageSaga Sent() => this with { Message = null, Body = null, DueAt = null };
}

/// <summary>How a scheduled message is kept: due at its instant, and remembered for a while after its end.</summary>
internal sealed class MessageMapping : SagaMapping<MessageSaga>
{
    private const string BodyField = "b";

    /// <summary>Longer than any message is under way on its second delivery.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public override JsonSerializerOptions Json => Compact;

    public override SagaWrite Describe(MessageSaga saga, SagaWrite write) => write with
    {
        Fields = saga.Message is null || saga.Body is not null ? [new(BodyField, saga.Body)] : [],
        DueAt = saga.DueAt,
        Lifetime = saga.Message is null ? Remembered : null,
    };

    /// <summary>The body that is stored beside a scheduled message.</summary>
    public static ReadOnlyMemory<byte> BodyOf(StoredSaga stored) => stored.Fields[BodyField];
}
