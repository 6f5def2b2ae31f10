using SkiaSharp;

using TasksBus;

namespace ImagePipeline;

/// <summary>Writes the tiles of an image as files.</summary>
public sealed class SplitHandler : ITaskHandler<Split, Tiles>
{
    public Task<Tiles> Run(Split task, TaskContext context)
    {
        using var image = Picture.Read(task.Image);
        Directory.CreateDirectory(task.Folder);
        for (var index = 0; index < task.Columns * task.Rows; index++)
        {
            using var tile = new SKBitmap();
            if (!image.ExtractSubset(tile, Picture.TileOf(image, index, task.Columns, task.Rows)))
                throw new RejectTaskException($"'{task.Image}' has {image.Width}x{image.Height} pixels, too few for {task.Columns}x{task.Rows} tiles. Give fewer tiles.");
            Picture.Write(tile, Path.Combine(task.Folder, $"{index}.png"));
        }

        return Task.FromResult(new Tiles(task.Folder, task.Columns));
    }
}

/// <summary>Works through a tile pixel by pixel, and tells how far it is.</summary>
public sealed class ToneHandler : ITaskHandler<Tone, string>
{
    public async Task<string> Run(Tone task, TaskContext context)
    {
        using var tile = Picture.Read(Path.Combine(task.Folder, $"{task.Index}.png"));
        var pixels = tile.Pixels;
        for (var row = 0; row < tile.Height; row++)
        {
            foreach (ref var pixel in pixels.AsSpan(row * tile.Width, tile.Width))
                pixel = Picture.Toned(pixel);
            context.CancellationToken.ThrowIfCancellationRequested();
            await context.ReportProgress(row + 1, tile.Height);
        }

        tile.Pixels = pixels;
        var toned = Path.Combine(task.Folder, $"{task.Index}-toned.png");
        Picture.Write(tile, toned);
        return toned;
    }
}

/// <summary>Draws the tiles beside and below each other.</summary>
public sealed class JoinHandler : ITaskHandler<Join, string>
{
    public async Task<string> Run(Join task, TaskContext context)
    {
        var tiles = task.Tiles.Select(Picture.Read).ToList();
        using var image = new SKBitmap(tiles.Take(task.Columns).Sum(tile => tile.Width), tiles.Where((_, index) => index % task.Columns == 0).Sum(tile => tile.Height));
        using var canvas = new SKCanvas(image);
        using var copy = new SKPaint { BlendMode = SKBlendMode.Src };
        var (x, y) = (0, 0);
        for (var index = 0; index < tiles.Count; index++)
        {
            canvas.DrawBitmap(tiles[index], x, y, SKSamplingOptions.Default, copy);
            (x, y) = (index + 1) % task.Columns == 0 ? (0, y + tiles[index].Height) : (x + tiles[index].Width, y);
            await context.ReportProgress(index + 1, tiles.Count);
        }

        tiles.ForEach(tile => tile.Dispose());
        canvas.Flush();
        Picture.Write(image, task.Image);
        return task.Image;
    }
}
