using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TasksBus.Schedules;

/// <summary>The ids of schedules and occurrences: made of their names, so that whoever comes to one comes to the same.</summary>
internal static class ScheduleIds
{
    /// <summary>The group of the schedules that applications put.</summary>
    public const string Tasks = "tasks";

    /// <summary>The id of a schedule.</summary>
    public static Guid Of(string group, string name) => new(Hash(group, name).AsSpan(0, 16));

    /// <summary>
    /// The id of an occurrence: the milliseconds of its instant, then a hash of schedule and instant. A UUID of version 8, which sorts by time as those of version 7 do.
    /// </summary>
    public static Guid OfOccurrence(string group, string name, DateTimeOffset at)
    {
        var bytes = Hash(group, name, $"{at.UtcTicks}").AsSpan(0, 16);
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static byte[] Hash(params ReadOnlySpan<string> parts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
}
