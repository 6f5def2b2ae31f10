using System.Buffers.Binary;
using System.Text;
using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>The map of the keys of one kind of saga. Does not change; safe to share between threads.</summary>
/// <remarks>
/// <code>
/// tasksbus:run:partitions        string: the number of partitions that the keys were first used with
/// tasksbus:run:alert:worker-1    channel: ids of documents that were written for it to hear of
/// tasksbus:run:{0}:doc:7f3a…     hash: a document and its fields, see save.lua; also the channel of its signals
/// tasksbus:run:{0}:due           sorted set: ids by the time they are due; also the channel that tells of a new earliest one
/// tasksbus:run:{0}:expiries      sorted set: ids with their places in indexes, by the time they expire
/// tasksbus:run:{0}:index:all     sorted set: ids by score
/// tasksbus:workflow:{0}:nodes:…  hash: the nodes of a workflow, see write-nodes.lua; also the channel that tells which have ended
/// tasksbus:workflow:{0}:open:…   sorted set: the numbers of those that are open
/// </code>
/// The partition in braces is the hash tag: on a Redis Cluster all keys of a partition are on one node, so that one script can change them together.
/// A script is told the root as if it were a key: as it never exists, a node that is handing the partition over refuses every script that does more
/// than look at one document, until the partition is whole again. Times are milliseconds since 1970.
/// </remarks>
internal sealed class RedisKeys
{
    /// <summary>The most partitions there may be.</summary>
    public const int MaxPartitions = 1024;

    private readonly string _root;
    private readonly RedisPartition[] _partitions;

    public RedisKeys(string prefix, string kind, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, MaxPartitions);

        _root = $"{prefix}:{kind}";
        PartitionCount = $"{_root}:partitions";
        _partitions = [.. Enumerable.Range(0, partitions).Select(number => new RedisPartition($"{_root}:{{{number}}}:"))];
    }

    /// <summary>The key under which the number of partitions is written.</summary>
    public string PartitionCount { get; }

    /// <summary>The channel of those who listen to alerts under a name.</summary>
    public byte[] Alerts(string name) => Encoding.UTF8.GetBytes($"{_root}:alert:{name}");

    /// <summary>All partitions.</summary>
    public IReadOnlyList<RedisPartition> Partitions => _partitions;

    /// <summary>The partition of a document: the same one in every process, and in every version of this library.</summary>
    public RedisPartition Of(Guid id)
    {
        if (_partitions.Length == 1)
            return _partitions[0];

        // Ids that were made one after the other differ in few bits; multiplying spreads them (Knuth, The Art of Computer Programming 3, 6.4).
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var folded = BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        var spread = unchecked(folded * 0x9E37_79B9_7F4A_7C15) >> 32;
        return _partitions[(int)(spread % (ulong)_partitions.Length)];
    }
}

/// <summary>The keys of one partition.</summary>
internal sealed class RedisPartition(string root)
{
    private readonly byte[] _documents = Encoding.UTF8.GetBytes(root + "doc:");
    private readonly byte[] _nodes = Encoding.UTF8.GetBytes(root + "nodes:");
    private readonly byte[] _open = Encoding.UTF8.GetBytes(root + "open:");

    /// <summary>How all keys of the partition begin.</summary>
    public RedisKey Root { get; } = Encoding.UTF8.GetBytes(root);

    /// <summary>When which document is due; also a channel.</summary>
    public byte[] Due { get; } = Encoding.UTF8.GetBytes(root + "due");

    /// <summary>When which document expires.</summary>
    public RedisKey Expiries { get; } = Encoding.UTF8.GetBytes(root + "expiries");

    /// <summary>The documents of an index.</summary>
    public RedisKey Index(string name) => root + "index:" + name;

    /// <summary>A document; also a channel.</summary>
    public byte[] Document(Guid id) => Key(_documents, id);

    /// <summary>The nodes of a workflow; also a channel.</summary>
    public byte[] Nodes(Guid workflowId) => Key(_nodes, workflowId);

    /// <summary>Which nodes of a workflow are open.</summary>
    public byte[] OpenNodes(Guid workflowId) => Key(_open, workflowId);

    private static byte[] Key(byte[] root, Guid id)
    {
        var key = new byte[root.Length + 32];
        root.CopyTo(key, 0);
        id.TryFormat(key.AsSpan(root.Length), out _, "N");
        return key;
    }
}
