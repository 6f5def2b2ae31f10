using System.Buffers;
using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>What nodes of a workflow have left for others: results, lists of results, failures. Safe to share between threads.</summary>
internal sealed class NodeResults(Foundation foundation)
{
    private const int PageSize = 500;

    private static readonly JsonElement Null = JsonSerializer.SerializeToElement<object?>(value: null);

    private IWorkflowStore Nodes => foundation.Workflows;

    /// <summary>The result of a node as JSON; null if there is none.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> Of(Guid workflowId, int node, CancellationToken cancellationToken)
    {
        var stored = await Nodes.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        return stored.Count > 0 ? await Of(workflowId, stored[0], cancellationToken).ConfigureAwait(false) : "null"u8.ToArray();
    }

    /// <summary>The arguments of a call, with what it takes from other nodes filled in.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="call">The call.</param>
    /// <param name="isForFailure">Whether it takes failures, and not results.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="known">A node that has been read already, mostly the one from which it takes something.</param>
    /// <exception cref="JsonException">What it takes cannot be put together.</exception>
    public async ValueTask<Payload> ArgumentsOf(Guid workflowId, NodeCall call, bool isForFailure, CancellationToken cancellationToken, StoredNode? known = null)
    {
        if (call.Inputs.Count == 0)
            return call.Arguments;
        var left = new Dictionary<int, ReadOnlyMemory<byte>>();
        foreach (var from in call.Inputs.Select(input => input.From).Distinct())
        {
            var node = known?.Node == from ? known : (await Nodes.Read(workflowId, [from], cancellationToken).ConfigureAwait(false)).SingleOrDefault();
            left[from] = node is null ? "null"u8.ToArray() : await LeftBy(workflowId, node, isForFailure, cancellationToken).ConfigureAwait(false);
        }

        return PutTogether(call, left);
    }

    /// <summary>Why a node did not succeed; null if it did, or has not ended.</summary>
    public async ValueTask<StepFailure?> FailureOf(Guid workflowId, int node, CancellationToken cancellationToken)
    {
        var stored = await Nodes.Read(workflowId, [node], cancellationToken).ConfigureAwait(false);
        return stored.Count > 0 ? StepFailures.Read(stored[0].End?.Failure) : null;
    }

    /// <summary>The failure of the first, in their order, of those that a node waits for and that did not succeed.</summary>
    public async ValueTask<StepFailure> FailureBefore(Guid workflowId, int node, CancellationToken cancellationToken)
    {
        var stored = (await Nodes.Read(workflowId, [node], cancellationToken).ConfigureAwait(false))[0];
        var definition = NodeDefinition.Read(stored.Definition);
        return await FailureAmong(workflowId, definition.Waits.Concat(stored.Added), cancellationToken).ConfigureAwait(false)
            ?? new StepFailure(workflowId, definition.Name, TaskState.Revoked);
    }

    /// <summary>The failure of the first of some nodes that did not succeed; null if there is none.</summary>
    public async ValueTask<StepFailure?> FailureAmong(Guid workflowId, IEnumerable<int> nodes, CancellationToken cancellationToken)
    {
        foreach (var page in nodes.Chunk(PageSize))
        {
            foreach (var node in await Nodes.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
            {
                if (StepFailures.Read(node.End?.Failure) is { } failure)
                    return failure;
            }
        }

        return null;
    }

    private async ValueTask<ReadOnlyMemory<byte>> LeftBy(Guid workflowId, StoredNode node, bool isForFailure, CancellationToken cancellationToken) =>
        isForFailure ? node.End?.Failure ?? "null"u8.ToArray() : await Of(workflowId, node, cancellationToken).ConfigureAwait(false);

    private async ValueTask<ReadOnlyMemory<byte>> Of(Guid workflowId, StoredNode node, CancellationToken cancellationToken)
    {
        var json = new ArrayBufferWriter<byte>();
        await Write(workflowId, node, json, cancellationToken).ConfigureAwait(false);
        return json.WrittenMemory;
    }

    private async ValueTask Write(Guid workflowId, StoredNode node, ArrayBufferWriter<byte> json, CancellationToken cancellationToken)
    {
        var definition = NodeDefinition.Read(node.Definition);
        if (definition.Kind != NodeKind.Join)
        {
            json.Write(node.End?.Result is { } known ? known.Span : "null"u8);
            return;
        }

        if (definition.ResultOf is { } other)
        {
            await WriteOr(definition.Absent, workflowId, (await Nodes.Read(workflowId, [other], cancellationToken).ConfigureAwait(false))[0], json, cancellationToken).ConfigureAwait(false);
            return;
        }

        json.Write("["u8);
        var isFirst = true;
        foreach (var page in (definition.IsEmpty ? node.Added : definition.Waits.Concat(node.Added)).Chunk(PageSize))
        {
            foreach (var member in await Nodes.Read(workflowId, page, cancellationToken).ConfigureAwait(false))
            {
                if (!isFirst)
                    json.Write(","u8);
                isFirst = false;
                await WriteOr(definition.Absent, workflowId, member, json, cancellationToken).ConfigureAwait(false);
            }
        }

        json.Write("]"u8);
    }

    /// <summary>Writes the result of a node, or what stands for it where the node has not succeeded.</summary>
    private async ValueTask WriteOr(Payload? absent, Guid workflowId, StoredNode node, ArrayBufferWriter<byte> json, CancellationToken cancellationToken)
    {
        if (node.End?.State == TaskState.Succeeded || absent is null)
            await Write(workflowId, node, json, cancellationToken).ConfigureAwait(false);
        else
            json.Write(absent.Json.Span);
    }

    private static Payload PutTogether(NodeCall call, Dictionary<int, ReadOnlyMemory<byte>> left)
    {
        var sources = new Dictionary<int, JsonDocument>();
        try
        {
            foreach (var (from, json) in left)
                sources[from] = JsonDocument.Parse(json);
            return Merge(call, sources);
        }
        catch (Exception exception)
        {
            // Nothing is asked of anybody here: however often it is tried, it fails.
            throw new JsonException($"The arguments of task '{call.TaskName}' cannot be put together from what other steps have left: {exception.Message}", exception);
        }
        finally
        {
            foreach (var source in sources.Values)
                source.Dispose();
        }
    }

    private static Payload Merge(NodeCall call, Dictionary<int, JsonDocument> sources)
    {
        if (call.Inputs is [{ Into: null } whole])
            return Payload.Known(JsonSerializer.SerializeToUtf8Bytes(Find(sources, whole)));

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        using (var known = JsonDocument.Parse(call.Arguments.Json))
        {
            writer.WriteStartObject();
            foreach (var property in known.RootElement.EnumerateObject().Where(property => !call.Inputs.Any(input => string.Equals(input.Into, property.Name, StringComparison.Ordinal))))
                property.WriteTo(writer);
            foreach (var input in call.Inputs)
            {
                writer.WritePropertyName(input.Into!);
                Find(sources, input).WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Payload.Known(json.WrittenMemory);
    }

    private static JsonElement Find(Dictionary<int, JsonDocument> sources, NodeInput input)
    {
        var element = sources[input.From].RootElement;
        foreach (var name in input.Path)
        {
            if (element.ValueKind != JsonValueKind.Object)
                return Null;
            element = element.TryGetProperty(name, out var inner) ? inner : InOtherCapitals(element, name);
        }

        return element;
    }

    /// <remarks>A workflow may have been written with other options than those of the queue, which read its arguments so, too.</remarks>
    private static JsonElement InOtherCapitals(JsonElement owner, string name)
    {
        foreach (var property in owner.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }

        return Null;
    }
}
