using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TasksBus.Workflows;

/// <summary>Ids that follow from others, so that whoever makes them makes the same, and what is started twice is one.</summary>
internal static class WorkflowIds
{
    private const int OfRun = 1;
    private const int OfContinuation = 2;
    private const int OfCompensation = 3;

    /// <summary>Whether an id may be one of these: those that are ordered by time, as of most runs, are of another version.</summary>
    public static bool IsDerived(Guid id) => id.Version == 8;

    /// <summary>The run of a step.</summary>
    public static Guid RunOf(Guid workflowId, int node) => Derive(workflowId, OfRun, node);

    /// <summary>The workflow to which a run hands over; the first of those that it could.</summary>
    public static Guid ContinuationOf(Guid runId, int number = 0) => Derive(runId, OfContinuation, number);

    /// <summary>The workflow that takes the steps of another back.</summary>
    public static Guid CompensationOf(Guid workflowId) => Derive(workflowId, OfCompensation, number: 0);

    /// <remarks>A name-based id of version 8 (RFC 9562, section 5.8): the first 16 bytes of the SHA-256 of all.</remarks>
    private static Guid Derive(Guid from, int purpose, int number)
    {
        Span<byte> name = stackalloc byte[24];
        from.TryWriteBytes(name, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(name[16..], purpose);
        BinaryPrimitives.WriteInt32BigEndian(name[20..], number);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
