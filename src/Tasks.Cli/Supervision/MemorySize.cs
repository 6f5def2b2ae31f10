using System.Globalization;

namespace TasksBus.Cli.Supervision;

/// <summary>Sizes of memory as people write them.</summary>
internal static class MemorySize
{
    private static readonly (string Unit, long Bytes)[] Units = [("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("B", 1)];

    /// <summary>Reads a size such as <c>200MB</c>, <c>1.5 GB</c> or <c>200000000</c>; 1 KB is 1,024 bytes.</summary>
    /// <returns>Bytes; null if it is no size.</returns>
    public static long? Parse(string text)
    {
        var (unit, bytes) = Units.FirstOrDefault(one => text.EndsWith(one.Unit, StringComparison.OrdinalIgnoreCase), ("", 1));
        return double.TryParse(text[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * bytes is >= 1 and < long.MaxValue
                ? (long)(number * bytes)
                : null;
    }
}
