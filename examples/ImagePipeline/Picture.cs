using SkiaSharp;

using TasksBus;

namespace ImagePipeline;

/// <summary>What the handlers know of images.</summary>
public static class Picture
{
    /// <exception cref="RejectTaskException">It is no image: to try again would not help.</exception>
    public static SKBitmap Read(string file) => SKBitmap.Decode(file) ?? throw new RejectTaskException($"'{file}' is no image that can be read. Give a PNG, JPEG, WebP, GIF or BMP.");

    /// <summary>Writes a PNG, whole or not at all: a handler may run twice.</summary>
    public static void Write(SKBitmap image, string file)
    {
        var draft = $"{file}.{Guid.NewGuid():N}";
        using (var stream = File.Create(draft))
            image.Encode(stream, SKEncodedImageFormat.Png, quality: 100);
        File.Move(draft, file, overwrite: true);
    }

    /// <summary>A picture for whoever has none at hand: the hills of an afternoon.</summary>
    public static void Paint(string file, int width = 960, int height = 640)
    {
        using var image = new SKBitmap(width, height);
        image.Pixels = [.. Enumerable.Range(0, width * height).Select(pixel => At((double)(pixel % width) / width, (double)(pixel / width) / height))];
        Write(image, file);
    }

    /// <summary>Sepia, by the matrix of the W3C's Filter Effects Module Level 1 for <c>sepia(1)</c>.</summary>
    public static SKColor Toned(SKColor colour) => new(
        Mix(colour, 0.393, 0.769, 0.189),
        Mix(colour, 0.349, 0.686, 0.168),
        Mix(colour, 0.272, 0.534, 0.131),
        colour.Alpha);

    /// <summary>Where a tile lies. Those at the right and at the bottom have what remains.</summary>
    internal static SKRectI TileOf(SKBitmap image, int index, int columns, int rows)
    {
        var (column, row) = (index % columns, index / columns);
        return new SKRectI(image.Width * column / columns, image.Height * row / rows, image.Width * (column + 1) / columns, image.Height * (row + 1) / rows);
    }

    private static byte Mix(SKColor colour, double red, double green, double blue) => (byte)Math.Min(byte.MaxValue, (colour.Red * red) + (colour.Green * green) + (colour.Blue * blue));

    private static SKColor At(double x, double y)
    {
        for (var hill = 3; hill > 0; hill--)
        {
            if (y > 0.35 + (0.15 * hill) + (0.08 * Math.Sin((x * (4 + hill) * 2) + hill)))
                return new SKColor((byte)(30 * hill), (byte)(150 - (25 * hill)), (byte)(40 + (15 * hill)));
        }

        var isSun = Math.Pow((x - 0.7) * 1.5, 2) + Math.Pow(y - 0.2, 2) < 0.01;
        return isSun ? new SKColor(255, 240, 180) : new SKColor((byte)(120 + (100 * y)), (byte)(170 + (60 * y)), 230);
    }
}
