using System.Linq.Expressions;

using TasksBus;

namespace ImagePipeline;

/// <summary>Cuts an image into tiles. Tasks name files, in a folder that all workers see: messages stay small.</summary>
public sealed record Split(string Image, string Folder, int Columns, int Rows) : ITask<Tiles>;

/// <summary>The tiles of an image, row by row.</summary>
public sealed record Tiles(string Folder, int Columns);

/// <summary>Gives one tile the colours of an old photograph.</summary>
public sealed record Tone(string Folder, int Index) : ITask<string>;

/// <summary>Puts tiles together again.</summary>
public sealed record Join(IReadOnlyList<string> Tiles, int Columns, string Image) : ITask<string>;

/// <summary>The workflow: split, then every tile by itself, side by side, then join.</summary>
public static class Pipeline
{
    /// <summary>Composes it.</summary>
    public static Workflow<string> Of(string source, string target, string folder, int columns, int rows) => Workflow
        .Chain(new Split(source, folder, columns, rows).ToCall().Named("split"))
        .ThenGroup(Enumerable.Range(0, columns * rows).Select<int, Expression<Func<Tiles, ITask<string>>>>(index => tiles => new Tone(tiles.Folder, index)))
        .Then(toned => new Join(toned, columns, target), call => call.Named("join"));
}
