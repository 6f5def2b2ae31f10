using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;

using MassTransit;
using MassTransit.Serialization;

namespace TasksBus.Client;

/// <summary>
/// How our client writes a run for its queue: the message alone, without MassTransit's envelope, read in one pass. What other applications publish
/// comes in the envelope; an endpoint reads both, told apart by their content types.
/// </summary>
internal sealed class RunFormat : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    public static readonly RunFormat Instance = new();

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };
    private static readonly string[] MessageTypes = [MessageUrn.ForTypeString<RunMessage>()];

    public ContentType ContentType { get; } = new("application/vnd.tasksbus.run+json");

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new BytesMessageBody(JsonSerializer.SerializeToUtf8Bytes(context.Message, Json));

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        try
        {
            var message = JsonSerializer.Deserialize<RunMessage>(body.GetBytes(), Json) ?? throw new SerializationException("The message is null.");
            return new RunContext(message, new RawMessageContext(headers, destinationAddress, RawSerializerOptions.Default));
        }
        catch (JsonException exception)
        {
            throw new SerializationException($"The message is not a run: {exception.Message}", exception);
        }
    }

    public void Probe(ProbeContext context) => context.CreateScope("run").Add("contentType", ContentType.MediaType);

    /// <summary>A run that was read, with what else the message says.</summary>
    private sealed class RunContext(RunMessage run, MessageContext context)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, context, MessageTypes)
    {
        public override bool TryGetMessage<T>(out T? message)
            where T : class
        {
            message = run as T;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
        {
            message = messageType.IsInstanceOfType(run) ? run : null;
            return message is not null;
        }

        public override IMessageSerializer GetMessageSerializer() => Instance;

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => Instance;

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => Instance;

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class =>
            new(StringComparer.OrdinalIgnoreCase);
    }
}
