using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

using TasksBus.Pipeline;

namespace TasksBus.Execution;

/// <summary>Calls the user's code for each of a list of arguments, one after the other, in one attempt.</summary>
internal sealed class ManyInvoker(ITaskInvoker one) : ITaskInvoker
{
    public bool IsBatch => one.IsBatch;

    public object Read(Payload? arguments)
    {
        if (arguments is null)
            throw new JsonException("The message has no arguments; a list of them was expected.");
        using var list = JsonDocument.Parse(arguments.Json);
        return list.RootElement.EnumerateArray().Select(item => one.Read(Payload.Known(JsonMarshal.GetRawUtf8Value(item).ToArray()))).ToList();
    }

    public async Task<object?> Invoke(Attempt attempt)
    {
        var items = (List<object>)attempt.Arguments!;
        var results = new List<object?>(items.Count);
        foreach (var item in items)
        {
            attempt.Cancelled.ThrowIfCancellationRequested();
            attempt.Arguments = item;
            results.Add(await one.Invoke(attempt).ConfigureAwait(false));
        }

        return results;
    }

    public Payload? Write(object? result)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartArray();
            foreach (var item in (List<object?>)result!)
            {
                if (one.Write(item) is not { } payload)
                    return null;
                writer.WriteRawValue(payload.Json.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
        }

        return Payload.Known(json.WrittenMemory);
    }
}
