using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>How one queue is treated. Set in code with <see cref="TaskQueueOptions.PerQueue"/> or in the configuration section <c>PerQueue:{queue}</c>. Read once, at start.</summary>
public sealed class QueueOptions
{
    /// <summary>How many attempts of this queue this worker runs at a time. 1 to 10,000. Default: <see cref="TaskQueueOptions.Concurrency"/>.</summary>
    [Range(1, 10_000)]
    public int? Concurrency { get; set; }

    /// <summary>
    /// How many messages this worker takes from the broker ahead. More than <see cref="Concurrency"/> hides runs from idle workers and from later, higher
    /// priorities; it saves round trips where runs are very short. 1 to 10,000. Default: <see cref="Concurrency"/>.
    /// </summary>
    [Range(1, 10_000)]
    public int? Prefetch { get; set; }

    /// <summary>How many attempts of this queue run and start on all workers together. Default: not limited.</summary>
    public LimitOptions Limit { get; } = new();
}
