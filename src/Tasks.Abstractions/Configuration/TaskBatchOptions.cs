using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>How runs are gathered for an <see cref="ITaskBatchHandler{TArgs}"/>.</summary>
public sealed class TaskBatchOptions
{
    /// <summary>
    /// The most runs in one call; as soon as there are so many, the call is made. Each holds a slot of its queue meanwhile, so not more than
    /// <see cref="TaskQueueOptions.Concurrency"/>. 2 to 1,000. Default: 10.
    /// </summary>
    [Range(2, 1_000)]
    public int Size { get; set; } = 10;

    /// <summary>How long the first run waits for others; then the call is made with those that are there. 1 millisecond to 10 minutes. Default: 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(1);
}
