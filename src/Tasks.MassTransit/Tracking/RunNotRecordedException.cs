using System.Buffers.Binary;

namespace TasksBus.Tracking;

/// <summary>Nothing is known of a run yet; its message may be under way.</summary>
internal sealed class RunNotRecordedException(Guid runId) : Exception($"Run {runId} is not recorded.")
{
    /// <summary>A run that was published longer ago is recorded, or will never be.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Within about a second: others wait meanwhile.</summary>
    private const int MostTries = 7;

    /// <summary>Whether a message about a run that nobody knows may be a little too early.</summary>
    public static bool IsWorthATry(Guid runId, DateTime? sentAt, int tries)
    {
        var now = TimeProvider.System.GetUtcNow();
        return tries < MostTries && now - sentAt?.ToUniversalTime() < Patience && now - CreatedAt(runId) < Patience;
    }

    /// <remarks>Our ids tell when they were made (UUID version 7, RFC 9562); of others nothing is known, so that they are new.</remarks>
    private static DateTimeOffset CreatedAt(Guid runId)
    {
        if (runId.Version != 7)
            return DateTimeOffset.MaxValue;
        Span<byte> bytes = stackalloc byte[16];
        runId.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
    }
}
