using System.Globalization;
using System.Text;

using StackExchange.Redis;

using TasksBus.Workflows;

namespace TasksBus.Storage;

/// <summary>Keeps the nodes of a workflow in one hash of Redis; write-nodes.lua describes it. Safe to share between threads.</summary>
internal sealed class RedisWorkflowStore : IWorkflowStore
{
    /// <summary>How many nodes one script writes, reads or counts: it keeps Redis from everybody else.</summary>
    private const int PageSize = 500;

    private const int FieldsOfNode = 9;

    private static readonly RedisValue None = "=";

    private readonly RedisConnection _connection;
    private readonly RedisKeys _keys;
    private readonly RedisSignals _signals;

    /// <param name="connection">The connection; belongs to the caller.</param>
    /// <param name="prefix">How the keys begin.</param>
    /// <param name="partitions">As for <see cref="RedisSagaStore"/>.</param>
    public RedisWorkflowStore(RedisConnection connection, string prefix, int partitions)
    {
        _connection = connection;
        _keys = new RedisKeys(prefix, "workflow", partitions);
        _signals = new RedisSignals(connection);
    }

    public async ValueTask Write(Guid workflowId, IReadOnlyCollection<NodeWrite> nodes, CancellationToken cancellationToken = default)
    {
        foreach (var page in nodes.Chunk(PageSize))
        {
            RedisValue[] arguments = [(long)IWorkflowStore.LifetimeUntilKept.TotalMilliseconds, .. page.SelectMany(node => new RedisValue[]
            {
                node.Node, Bytes(node.Definition), node.Waits, node.Before is null ? None : node.Before.ToString(), node.IsOpen ? 1 : 0, node.IsHasty ? 1 : 0,
                node.StopsWith is null ? None : node.StopsWith.ToString(), node.KeepsGiven ? 1 : 0,
            })];
            await Run(RedisScript.WriteNodes, workflowId, arguments, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<NodeEnding?> End(Guid workflowId, int node, NodeEnd end, CancellationToken cancellationToken = default)
    {
        var answer = await Run(RedisScript.EndNode, workflowId, [node, (int)end.State, Bytes(end.Result), Bytes(end.Failure), PageSize], cancellationToken).ConfigureAwait(false);
        if (answer.IsNull)
            return null;
        var values = (RedisValue[])answer;
        return new NodeEnding(
            (bool)values[0], (TaskState)(int)values[1], (bool)values[2],
            [.. values.Skip(3).Chunk(5).Select(open => new OpenNode((int)open[0], (int)open[1], (int)open[2], (byte[])open[3], (bool)open[4]))]);
    }

    public async ValueTask<IReadOnlyList<StoredNode>> Read(Guid workflowId, IReadOnlyCollection<int> nodes, CancellationToken cancellationToken = default)
    {
        var found = new List<StoredNode>(nodes.Count);
        foreach (var page in nodes.Chunk(PageSize))
        {
            var answer = (RedisValue[])await Run(RedisScript.ReadNodes, workflowId, [.. page.Select(node => (RedisValue)node)], cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Zip(answer.Chunk(FieldsOfNode)).Where(pair => !pair.Second[0].IsNull).Select(pair => ReadNode(pair.First, pair.Second)));
        }

        return found;
    }

    public async ValueTask<IReadOnlyList<int>> ListOpen(Guid workflowId, int after, int limit, CancellationToken cancellationToken = default) =>
        [.. ((RedisValue[])await Run(RedisScript.ListOpenNodes, workflowId, [after, limit], cancellationToken).ConfigureAwait(false)).Select(node => (int)node)];

    public async ValueTask<NodeCount> Count(Guid workflowId, CancellationToken cancellationToken = default)
    {
        var answer = (RedisValue[])await Run(RedisScript.CountNodes, workflowId, [], cancellationToken).ConfigureAwait(false);
        return new NodeCount(Number(answer[0]), Number(answer[1]));
    }

    public async ValueTask<DateTimeOffset> SetDue(Guid workflowId, int node, DateTimeOffset dueAt, CancellationToken cancellationToken = default) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)await Run(RedisScript.SetNodeDue, workflowId, [node, SagaFormat.Milliseconds(dueAt)], cancellationToken).ConfigureAwait(false));

    public async ValueTask<bool> Give(Guid workflowId, int node, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default) =>
        (bool)await Run(RedisScript.GiveToNode, workflowId, [node, Bytes(value)], cancellationToken).ConfigureAwait(false);

    public async ValueTask<NodeReservation?> Reserve(Guid workflowId, string name, int count, CancellationToken cancellationToken = default)
    {
        var answer = await Run(RedisScript.ReserveNodes, workflowId, [name, count], cancellationToken).ConfigureAwait(false);
        if (answer.IsNull)
            return null;
        var values = (RedisValue[])answer;
        return new NodeReservation((int)values[0], (bool)values[1]);
    }

    public async ValueTask<int?> Add(Guid workflowId, string name, int @while, int join, int first, int last, CancellationToken cancellationToken = default) =>
        (int?)await Run(RedisScript.AddNodes, workflowId, [name, @while, join, first, last], cancellationToken).ConfigureAwait(false);

    public async ValueTask SetStopped(Guid workflowId, bool isStopped, CancellationToken cancellationToken = default) =>
        await Run(RedisScript.SetNodesStopped, workflowId, [isStopped ? 1 : 0], cancellationToken).ConfigureAwait(false);

    public async ValueTask Keep(Guid workflowId, TimeSpan? lifetime, CancellationToken cancellationToken = default) =>
        await Run(RedisScript.KeepNodes, workflowId, [lifetime is { } kept ? (long)kept.TotalMilliseconds : RedisValue.EmptyString], cancellationToken).ConfigureAwait(false);

    public async ValueTask<IAsyncDisposable> Watch(Guid workflowId, Action<int> onEnd, CancellationToken cancellationToken = default) => await _signals.Listen(
        [_keys.Of(workflowId).Nodes(workflowId)],
        node => onEnd(int.Parse(Encoding.ASCII.GetString(node), NumberStyles.None, CultureInfo.InvariantCulture)),
        () =>
        {
            onEnd(-1);
            return Task.CompletedTask;
        },
        cancellationToken).ConfigureAwait(false);

    private Task<RedisResult> Run(RedisScript script, Guid workflowId, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        var partition = _keys.Of(workflowId);
        return _connection.Run(script, [partition.Nodes(workflowId), partition.OpenNodes(workflowId)], arguments, cancellationToken);
    }

    private static StoredNode ReadNode(int node, RedisValue[] fields) => new(
        node,
        (byte[])fields[0],
        Number(fields[1]),
        Number(fields[2]),
        fields[3].IsNull ? null : new NodeEnd((TaskState)(int)fields[3], Optional(fields[4]), Optional(fields[5])),
        fields[6].IsNull ? NodeRanges.None : NodeRanges.Parse((string)fields[6]),
        Optional(fields[7]),
        (bool)fields[8]);

    private static ReadOnlyMemory<byte>? Optional(RedisValue value) => value.IsNull ? default(ReadOnlyMemory<byte>?) : (byte[])value;

    private static int Number(RedisValue value) => value.IsNull ? 0 : (int)value;

    private static RedisValue Bytes(ReadOnlyMemory<byte>? value) => value is { } bytes ? SagaFormat.Bytes(bytes) : None;
}
