using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TasksBus;

/// <summary>Arguments, a result or saved data as they are kept and sent: JSON in UTF-8. Does not change; safe to share between threads.</summary>
[JsonConverter(typeof(PayloadConverter))]
public sealed class Payload
{
    /// <summary>How payloads are written where nothing else is configured: camel case, read without regard to case; a constructor parameter without a default must be there.</summary>
    public static JsonSerializerOptions DefaultOptions { get; } = CreateDefaultOptions();

    /// <summary>System.Text.Json reads 64 levels; a message and what a workflow keeps of a step need some of them.</summary>
    private const int Deepest = 60;

    private Payload(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The JSON text in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The length of the JSON text in bytes.</summary>
    public int Length => Json.Length;

    /// <summary>Serialises a value by its runtime type.</summary>
    /// <exception cref="NotSupportedException">The type cannot be serialised.</exception>
    /// <exception cref="JsonException">The value cannot be serialised, for example because it holds itself.</exception>
    public static Payload From(object? value, JsonSerializerOptions? options = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, value?.GetType() ?? typeof(object), options ?? DefaultOptions));

    /// <summary>Takes JSON text as it is: one value of any shape, which is read through once and not copied.</summary>
    /// <exception cref="ArgumentException">The text is not one JSON value: empty, cut off, with comments or with something behind it; or lists and objects in it lie within each other more than 60 deep.</exception>
    public static Payload FromJson(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = Deepest });
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"The text of {json.Length} bytes is not one JSON value: {exception.Message} Write it with {nameof(JsonSerializer)}, or hand the value itself to {nameof(Payload)}.{nameof(From)}.", nameof(json), exception);
        }
        return new(json);
    }

    /// <summary>Takes JSON text that was written by us, or read through before.</summary>
    internal static Payload Known(ReadOnlyMemory<byte> json) => new(json);

    /// <summary>Reads the value as a <typeparamref name="T"/>.</summary>
    /// <exception cref="JsonException">The JSON is not that of a <typeparamref name="T"/>.</exception>
    public T? As<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Json.Span, options ?? DefaultOptions);

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Json.Span);

    private static JsonSerializerOptions CreateDefaultOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, Converters = { new BooleanTexts() } };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class PayloadConverter : JsonConverter<Payload>
    {
        public override Payload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonMarshal.GetRawUtf8Value(JsonElement.ParseValue(ref reader)).ToArray());

        public override void Write(Utf8JsonWriter writer, Payload value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
    }
}
