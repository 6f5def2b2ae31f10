using System.Net.Mime;

using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace TasksBus.Messages;

/// <summary>A message of an application, as it is kept until it is sent: its body, and all that stood beside it in the message that asked for it to be scheduled.</summary>
internal sealed record ForwardedMessage
{
    public required Uri Destination { get; init; }

    public required IReadOnlyList<string> MessageTypes { get; init; }

    /// <summary>Which of MassTransit's serialisers can read the body.</summary>
    public required string ContentType { get; init; }

    public required Guid TokenId { get; init; }

    public Guid? MessageId { get; init; }

    public Guid? CorrelationId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? InitiatorId { get; init; }

    public Guid? RequestId { get; init; }

    public Uri? SourceAddress { get; init; }

    public Uri? ResponseAddress { get; init; }

    public Uri? FaultAddress { get; init; }

    public DateTime? ExpirationTime { get; init; }

    public IReadOnlyDictionary<string, object>? Headers { get; init; }

    /// <summary>What the transport keeps beside headers, such as a priority.</summary>
    public IReadOnlyDictionary<string, object>? TransportProperties { get; init; }

    /// <summary>Takes a message out of the one that schedules it.</summary>
    /// <param name="context">The message that schedules it.</param>
    /// <param name="payload">The message.</param>
    /// <param name="types">What it is called on the bus.</param>
    /// <param name="destination">Where it is to go.</param>
    /// <param name="tokenId">What its receiver knows it by.</param>
    public static (ForwardedMessage Message, byte[] Body) From<T>(ConsumeContext<T> context, object payload, string[] types, Uri destination, Guid tokenId)
        where T : class
    {
        var body = context.SerializerContext.GetMessageSerializer(payload, types).GetMessageBody(new MessageSendContext<T>(context.Message)).GetBytes();
        var message = new ForwardedMessage
        {
            Destination = destination,
            MessageTypes = types,
            ContentType = context.ReceiveContext.ContentType.ToString(),
            TokenId = tokenId,
            MessageId = context.MessageId,
            CorrelationId = context.CorrelationId,
            ConversationId = context.ConversationId,
            InitiatorId = context.InitiatorId,
            RequestId = context.RequestId,
            SourceAddress = context.SourceAddress,
            ResponseAddress = context.ResponseAddress,
            FaultAddress = context.FaultAddress,
            ExpirationTime = context.ExpirationTime,
            Headers = context.Headers.GetAll().ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal),
            TransportProperties = context.ReceiveContext.TryGetPayload(out TransportReceiveContext? transport) ? transport.GetTransportProperties()?.ToDictionary(StringComparer.Ordinal) : null,
        };
        return (message, body);
    }

    /// <summary>Makes of what is about to be sent this message.</summary>
    /// <param name="send">What is about to be sent.</param>
    /// <param name="body">The body.</param>
    /// <param name="now">The instant.</param>
    public void WriteTo(SendContext send, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        send.MessageId = MessageId ?? send.MessageId;
        send.CorrelationId = CorrelationId;
        send.ConversationId = ConversationId;
        send.InitiatorId = InitiatorId;
        send.RequestId = RequestId;
        send.SourceAddress = SourceAddress;
        send.ResponseAddress = ResponseAddress;
        send.FaultAddress = FaultAddress;
        send.SupportedMessageTypes = [.. MessageTypes];
        if (ExpirationTime is { } expiresAt)
            send.TimeToLive = expiresAt.ToUniversalTime() - now.UtcDateTime;
        if (TransportProperties is not null && send is TransportSendContext transport)
            transport.ReadPropertiesFrom(PlainValues.Of(TransportProperties));
        foreach (var (name, value) in PlainValues.Of(Headers))
            send.Headers.Set(name, value);
        send.Headers.Set(MessageHeaders.SchedulingTokenId, TokenId.ToString("D"));

        var deserializer = send.Serialization.GetMessageDeserializer(new ContentType(ContentType));
        send.Serializer = deserializer.Deserialize(new BytesMessageBody(body.ToArray()), new DictionarySendHeaders(), Destination).GetMessageSerializer();
    }
}
