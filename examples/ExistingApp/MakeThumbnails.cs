using TasksBus;

namespace ExistingApp;

/// <summary>Makes small copies of a photo, one for each width.</summary>
public sealed record MakeThumbnails(string Path, IReadOnlyList<int> Widths) : ITask<IReadOnlyList<string>>;

/// <summary>Does the work, with a pause where an image library would stand.</summary>
public sealed class MakeThumbnailsHandler : ITaskHandler<MakeThumbnails, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Run(MakeThumbnails task, TaskContext context)
    {
        var thumbnails = new List<string>();
        foreach (var width in task.Widths)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), context.CancellationToken);
            thumbnails.Add(Path.ChangeExtension(task.Path, $"{width}{Path.GetExtension(task.Path)}"));
            await context.ReportProgress(thumbnails.Count, task.Widths.Count, "thumbnails");
        }

        return thumbnails;
    }
}
