using System.Text.RegularExpressions;

using SkiaSharp;

namespace TasksBus.Tests.Examples;

public sealed class ImagePipelineTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pipeline-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_pixel_of_an_image_has_gone_through_a_tile_and_is_where_it_was()
    {
        var (source, target) = (Path.Combine(_folder.FullName, "in.jpg"), Path.Combine(_folder.FullName, "out.png"));
        Draw(source, width: 101, height: 67);

        await using var program = RunningProgram.Dotnet([Repository.Example("ImagePipeline"), "--image", source, "--into", target, "--columns", "3", "--rows", "2"]);
        var end = await program.End(Deadline);

        Assert.Equal(("", 0), (end.Errors, end.Code));
        Assert.Equal(9, end.Lines.Count);
        Assert.Equal("1/8 split: Succeeded", end.Lines[0]);
        Assert.Equal(["8/8 join: Succeeded", $"Result: {target}"], end.Lines.TakeLast(2));
        using var before = SKBitmap.Decode(source);
        using var after = SKBitmap.Decode(target);
        Assert.Equal((101, 67), (after.Width, after.Height));
        Assert.All(
            from row in Enumerable.Range(0, after.Height) from column in Enumerable.Range(0, after.Width) select (Original: before.GetPixel(column, row), Toned: after.GetPixel(column, row)),
            pixel => Assert.Equal((byte)Math.Min(255, (0.272 * pixel.Original.Red) + (0.534 * pixel.Original.Green) + (0.131 * pixel.Original.Blue)), pixel.Toned.Blue));
    }

    [Fact]
    public async Task In_a_terminal_it_shows_a_bar_for_the_whole_and_one_for_each_run()
    {
        await using var program = RunningProgram.DotnetInTerminal($"{Repository.Example("ImagePipeline")} --into {Path.Combine(_folder.FullName, "out.png")} --columns 2 --rows 1");

        var end = await program.End(Deadline);

        Assert.Equal(0, end.Code);
        foreach (var bar in new[] { "all", "split", "Tone-1", "Tone-2", "join" })
            Assert.Contains(end.Lines, line => Regex.IsMatch(line, $"{bar} .*━.*100%", RegexOptions.None, Deadline));
        Assert.Contains("out.png", end.Lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--columns is 'zero'. Give 1 to 100.", "--columns", "zero")]
    [InlineData("is no image that can be read", "--image", "/etc/hostname")]
    public async Task What_cannot_be_done_ends_it_with_the_reason(string expected, params string[] arguments)
    {
        await using var program = RunningProgram.Dotnet([Repository.Example("ImagePipeline"), "--into", Path.Combine(_folder.FullName, "out.png"), .. arguments]);

        var end = await program.End(Deadline);

        Assert.Equal(1, end.Code);
        Assert.Contains(expected, end.Errors, StringComparison.Ordinal);
    }

    private static void Draw(string file, int width, int height)
    {
        using var image = new SKBitmap(width, height);
        using var canvas = new SKCanvas(image);
        canvas.Clear(SKColors.CornflowerBlue);
        using var paint = new SKPaint { Color = SKColors.Tomato };
        canvas.DrawCircle(width / 2f, height / 2f, height / 3f, paint);
        using var stream = File.Create(file);
        image.Encode(stream, SKEncodedImageFormat.Jpeg, quality: 90);
    }
}
