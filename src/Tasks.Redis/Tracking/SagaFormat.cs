using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using StackExchange.Redis;
using TasksBus.Tracking;

namespace TasksBus.Storage;

/// <summary>How sagas are written for Redis and read from it; save.lua describes the hash, and takes the arguments in this order.</summary>
internal static class SagaFormat
{
    /// <summary>Stands for a lease that is to stay as it is.</summary>
    private const string KeptLease = "=";

    private static readonly Dictionary<string, ReadOnlyMemory<byte>> NoFields = [];

    /// <summary>The arguments of save.lua.</summary>
    /// <exception cref="ArgumentException">The name of an index has a line break, which separates the names.</exception>
    public static RedisValue[] ToArguments(SagaWrite write, RedisValue alerts)
    {
        const int Fixed = 10;
        var version = write.ExpectedVersion + 1;
        var arguments = new RedisValue[Fixed + (2 * write.Fields.Count)];
        arguments[0] = write.ExpectedVersion;
        arguments[1] = write.OrAbsent ? write.ExpectedVersion : 0;
        arguments[2] = version;
        arguments[3] = ToSignal(version, write.Document.Span);
        arguments[4] = write.FencingToken;
        arguments[5] = ToPlaces(write.Score, write.Indexes);
        arguments[6] = write.DueAt is { } dueAt ? Milliseconds(dueAt) : RedisValue.EmptyString;
        arguments[7] = ToLease(write);
        arguments[8] = write.Lifetime is { } lifetime ? Milliseconds(lifetime) : RedisValue.EmptyString;
        arguments[9] = alerts;

        var next = Fixed;
        foreach (var (name, value) in write.Fields)
        {
            arguments[next++] = value is null ? RedisValue.EmptyString : ":" + name;
            arguments[next++] = value is null ? ":" + name : Bytes(value.Value);
        }

        return arguments;
    }

    /// <summary>Reads what load.lua answers; null if nothing is stored, or not in <paramref name="index"/>.</summary>
    public static StoredSaga? Read(Guid id, RedisResult answer, string? index = null)
    {
        var items = (RedisValue[])answer;
        if (items.Length == 0)
            return null;

        var version = 0;
        TimeSpan? leaseLeft = null;
        ReadOnlyMemory<byte> document = default;
        var fields = NoFields;
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            var name = (byte[])items[i];
            var value = items[i + 1];
            switch (name[0])
            {
                case (byte)'v':
                    version = (int)value;
                    break;
                case (byte)'d':
                    document = ReadSignal((byte[])value).Value;
                    break;
                case (byte)'l' when !value.IsNullOrEmpty:
                    leaseLeft = TimeSpan.FromMilliseconds((long)value - (long)items[^1]);
                    break;
                case (byte)'i' when index is not null && !IsAmong(index, (string)value):
                    return null;
                case (byte)':':
                    fields = fields == NoFields ? [] : fields;
                    fields.Add(Encoding.UTF8.GetString(name, 1, name.Length - 1), (byte[])value);
                    break;
            }
        }

        return version == 0 ? null : new StoredSaga(id, version, document, fields, leaseLeft);
    }

    /// <summary>Reads what take-due.lua answers.</summary>
    public static (IReadOnlyList<(long DueAt, StoredSaga Saga)> Sagas, DateTimeOffset? NextAt) ReadTaken(RedisResult answer)
    {
        var items = (RedisResult[])answer;
        var next = (string)items[0];
        var sagas = items.Skip(1).Chunk(3).Select(taken => ((long)(RedisValue)taken[1], Read(Guid.ParseExact((string)taken[0], "N"), taken[2])!)).ToList();
        return (sagas, next.Length == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(next, CultureInfo.InvariantCulture)));
    }

    /// <summary>Reads a signal: the version, for a field a space and its name, a line break, and the value.</summary>
    public static SagaSignal ReadSignal(byte[] message)
    {
        var head = message.AsSpan(0, message.AsSpan().IndexOf((byte)'\n'));
        var space = head.IndexOf((byte)' ');
        var field = space < 0 ? null : Encoding.UTF8.GetString(head[(space + 1)..]);
        var version = int.Parse(space < 0 ? head : head[..space], CultureInfo.InvariantCulture);
        return new SagaSignal(field, version, message.AsMemory(head.Length + 1));
    }

    /// <summary>Whole milliseconds, rounded up: nothing is due or over before its time.</summary>
    public static long Milliseconds(TimeSpan span)
    {
        var (whole, rest) = Math.DivRem(span.Ticks, TimeSpan.TicksPerMillisecond);
        return rest > 0 ? whole + 1 : whole;
    }

    /// <inheritdoc cref="Milliseconds(TimeSpan)"/>
    public static long Milliseconds(DateTimeOffset at) => Milliseconds(at - DateTimeOffset.UnixEpoch);

    /// <summary>The bytes, copied only if they are part of something larger.</summary>
    public static RedisValue Bytes(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) && segment.Count == segment.Array!.Length ? segment.Array : memory.ToArray();

    /// <summary>Refuses a name that has a line break: it would end there, in places and in signals.</summary>
    /// <exception cref="ArgumentException">It has.</exception>
    public static void CheckName(string name, string parameter)
    {
        if (name.Contains('\n', StringComparison.Ordinal))
            throw new ArgumentException($"The name '{name}' has a line break; use another character.", parameter);
    }

    private static RedisValue ToLease(SagaWrite write)
    {
        if (write.KeepsLease)
            return KeptLease;
        return write.Lease is { } lease ? Milliseconds(lease) : RedisValue.EmptyString;
    }

    private static byte[] ToSignal(int version, ReadOnlySpan<byte> document)
    {
        Span<byte> head = stackalloc byte[12];
        version.TryFormat(head, out var length, provider: CultureInfo.InvariantCulture);
        head[length++] = (byte)'\n';

        var signal = new byte[length + document.Length];
        head[..length].CopyTo(signal);
        document.CopyTo(signal.AsSpan(length));
        return signal;
    }

    private static string ToPlaces(long score, IReadOnlyList<string> indexes)
    {
        foreach (var index in indexes)
            CheckName(index, nameof(SagaWrite.Indexes));
        return string.Create(CultureInfo.InvariantCulture, $"{score}\n{string.Join('\n', indexes)}");
    }

    private static bool IsAmong(string index, string places) => places.Split('\n').Skip(1).Contains(index);
}
