using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace TasksBus.Workflows;

/// <summary>Writes calls as nodes keep them, with arguments in JSON and inputs by number and by name.</summary>
internal sealed class NodeCalls(JsonSerializerOptions json, Func<Type, string> taskName, int maxPayloadSize = int.MaxValue)
{
    /// <exception cref="InvalidWorkflowException">The arguments cannot be written, are no object, or have no property that an input goes into.</exception>
    public NodeCall Of(CallPart call, string step, IReadOnlyList<int> sources)
    {
        var name = call.TaskName ?? taskName(call.ArgumentsType!);
        var arguments = Arguments(call, name, step);
        Check(call, arguments, step);
        return new NodeCall(name, arguments)
        {
            IsMany = call.IsMany,
            Options = call.Options,
            Inputs = call.Inputs.Count == 0 ? [] : [.. call.Inputs.Select(input => Input(input, call.ArgumentsType, step, sources))],
        };
    }

    /// <exception cref="InvalidWorkflowException">There is no object into which the results that it takes could go.</exception>
    private static void Check(CallPart call, Payload arguments, string step)
    {
        if (call.Inputs.FirstOrDefault(input => input.Into is not null) is not { Into: { } into })
            return;
        if (call.Inputs.Any(input => input.Into is null))
            throw new InvalidWorkflowException($"Step '{step}' takes a result as the whole of its arguments, and another into '{into.Name}'. Take one, or each into a property.");
        var json = new Utf8JsonReader(arguments.Json.Span);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new InvalidWorkflowException($"Step '{step}' takes a result into '{into.Name}', but its arguments are no object in JSON, which alone could have it. Give it an object.");
    }

    private NodeInput Input(Binding input, Type? arguments, string step, IReadOnlyList<int> sources)
    {
        if (input.Source < 0 || input.Source >= sources.Count)
            throw new InvalidWorkflowException($"Step '{step}' takes a result, but stands where there is none before it. Let it follow the step that gives the result.");
        return new NodeInput(
            sources[input.Source],
            [.. input.Path.Select(property => JsonNames.Of(property, json, step))],
            input.Into switch { null => null, { Owner: null } into => JsonNames.Known(into.Name, arguments, json, step), var into => JsonNames.Into(into, json, step).Name });
    }

    private Payload Arguments(CallPart call, string task, string step)
    {
        try
        {
            return call.Arguments switch
            {
                Payload written => written,
                PartialArguments partial => Write(writer => WriteKnown(writer, partial, step)),
                IReadOnlyList<ITask> many when call.IsMany => Write(writer => WriteAll(writer, many, step)),
                var whole => Payload.From(whole ?? new object(), json),
            };
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new InvalidWorkflowException($"Step '{step}': the arguments of task '{task}' cannot be serialised: {exception.Message}", exception);
        }
    }

    private void WriteKnown(Utf8JsonWriter writer, PartialArguments arguments, string step)
    {
        writer.WriteStartObject();
        foreach (var (property, value) in arguments.Values)
        {
            var found = JsonNames.Into(property, json, step);
            writer.WritePropertyName(found.Name);
            JsonSerializer.Serialize(writer, value, found.PropertyType, OptionsOf(found));
        }

        writer.WriteEndObject();
    }

    private void WriteAll(Utf8JsonWriter writer, IReadOnlyList<ITask> many, string step)
    {
        writer.WriteStartArray();
        foreach (var (index, one) in many.Index())
        {
            JsonSerializer.Serialize(writer, one, one.GetType(), json);
            if (writer.BytesCommitted + writer.BytesPending > maxPayloadSize)
            {
                throw new InvalidWorkflowException(
                    $"Step '{step}' works through {many.Count} items, but item {index + 1} makes its arguments longer than {nameof(TaskQueueOptions.MaxPayloadSize)} = {maxPayloadSize:N0} bytes. " +
                    $"Give each run fewer, with {nameof(Workflow)}.{nameof(Workflow.Chunks)}, or raise {nameof(TaskQueueOptions.MaxPayloadSize)} in every process.");
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>The options, with what attributes on the property say.</summary>
    private JsonSerializerOptions OptionsOf(JsonPropertyInfo property)
    {
        if (property is { CustomConverter: null, NumberHandling: null })
            return json;
        var options = new JsonSerializerOptions(json) { NumberHandling = property.NumberHandling ?? json.NumberHandling };
        if (property.CustomConverter is { } converter)
            options.Converters.Insert(0, converter);
        return options;
    }

    private Payload Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = json.Encoder }))
            write(writer);
        return Payload.Known(buffer.WrittenMemory);
    }
}
